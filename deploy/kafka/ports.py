"""Free ports for servers that are killed and started again on the same ones."""

import random
import socket
from contextlib import ExitStack, suppress

_SERVERS = range(12_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Return as many different TCP ports of the loopback interface that nothing listens on.

    They are below those that Linux gives to outgoing connections: one of these could take a killed server's port.
    """
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            probe = held.enter_context(socket.socket())
            with suppress(OSError):
                probe.bind(("127.0.0.1", random.choice(_SERVERS)))  # noqa: S311 (a port, no secret)
                found.append(int(probe.getsockname()[1]))
    return found

"""Free ports for servers that are killed and restarted on the same port."""

import random
import socket
from contextlib import ExitStack, suppress

_SERVERS = range(12_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Return `count` different free TCP ports of the loopback interface.

    They are below Linux's range for outgoing connections, so that no connection takes the port of a killed server.
    """
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            probe = held.enter_context(socket.socket())
            with suppress(OSError):
                probe.bind(("127.0.0.1", random.choice(_SERVERS)))  # noqa: S311 (a port, not a secret)
                found.append(int(probe.getsockname()[1]))
    return found

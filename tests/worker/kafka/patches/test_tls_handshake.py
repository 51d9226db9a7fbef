"""A listener that does not answer a TLS handshake."""

import socket
import ssl
import threading
from contextlib import suppress
from typing import Any

from kafka.errors import KafkaError
from kafka.net import KafkaConnectionManager, NetworkSelector


class Context(ssl.SSLContext):
    """A TLS context that can close its sockets: kafka-python leaves the one of a failed handshake open."""

    def __init__(self, *_: object) -> None:
        self.sockets: list[ssl.SSLSocket] = []

    def wrap_socket(self, *positional: Any, **named: Any) -> ssl.SSLSocket:  # noqa: ANN401 (as its base class)
        """Wrap a socket and remember it."""
        self.sockets.append(super().wrap_socket(*positional, **named))
        return self.sockets[-1]


def test_kafka_python_waits_forever_for_a_handshake() -> None:
    """Once its handshake has a time-out, `patches.tls_handshake` is only needed to say why TLS failed."""
    context = Context(ssl.PROTOCOL_TLS_CLIENT)

    def connect(address: str) -> None:
        config = {"bootstrap_servers": [address], "security_protocol": "SSL", "ssl_context": context}
        with suppress(KafkaError):
            KafkaConnectionManager(NetworkSelector(), **config).bootstrap(timeout_ms=100)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        connecting = threading.Thread(target=connect, args=[f"127.0.0.1:{silent.getsockname()[1]}"], daemon=True)
        connecting.start()
        connecting.join(1)
        assert connecting.is_alive()
    connecting.join(10)
    assert not connecting.is_alive(), "the closed listener ends it"
    assert context.sockets
    for opened in context.sockets:
        opened.close()

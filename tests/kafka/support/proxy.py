"""A network between a worker and its broker that can fail."""

import socket
from contextlib import suppress
from threading import Event, Thread

from deploy.kafka.ports import free_ports

_AT_ONCE = 65_536


class Proxy:
    """Forwards bytes between clients and a broker that advertises this proxy's port.

    `target` is the broker's own port; nothing is forwarded before the first `restore`.
    """

    def __init__(self) -> None:
        [self.port] = free_ports(1)
        self.target = 0
        self._flows = Event()
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()

    def cut(self) -> None:
        """Close all connections and refuse new ones."""
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread; a close would not
            self._listener.close()
            self._listener = None
        for end in list(self._open):
            _end(end)

    def hold(self) -> None:
        """Accept connections and bytes but forward nothing; bytes in transit arrive late or never."""
        self._flows.clear()

    def restore(self) -> None:
        """Forward everything again."""
        self._flows.set()
        if not self._listener:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            _run(self._accept, self._listener)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # the network is cut
            while True:
                client, _ = listener.accept()
                self._join(client, socket.create_connection(("127.0.0.1", self.target)))

    def _join(self, client: socket.socket, broker: socket.socket) -> None:
        self._open |= {client, broker}
        _run(self._forward, client, broker)
        _run(self._forward, broker, client)

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_AT_ONCE):
                self._flows.wait()
                target.sendall(data)
        for end in (source, target):
            _end(end)
        self._open.discard(source)
        source.close()


def _run(work: object, *arguments: object) -> None:
    Thread(target=work, args=arguments, daemon=True).start()  # type: ignore[arg-type]


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)

"""A cluster of brokers that runs for the length of a `with`."""

import base64
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from deploy.kafka import jars
from deploy.kafka.broker import Broker
from deploy.kafka.config import Listener, Node, log4j2_yaml, server_properties
from deploy.kafka.ports import free_ports
from deploy.kafka.security import Security
from worker.errors import BrokerError
from worker.kafka import live_brokers

_START_SECONDS = 120
_ID_FILE = "cluster-id"


class Cluster:
    """One or three brokers of Apache Kafka.

    Args:
        brokers: number of brokers.
        port: of the first broker, the next ones follow; 0 for free ports.
        data: folder for the data; without it, the data are deleted after the `with`.
        properties: settings of server.properties that add to the defaults or replace them.
        listeners: listeners for clients beside the plain one, on free ports.
        security: certificates and passwords, needed if `listeners` has any of `security.LISTENERS`.

    Raises:
        SettingError: Java or Maven is missing.
        BrokerError: a broker did not start.

    """

    def __init__(
        self,
        brokers: int = 1,
        port: int = 0,
        data: Path | None = None,
        properties: Mapping[str, str] | None = None,
        *,
        listeners: Sequence[Listener] = (),
        security: Security | None = None,
    ) -> None:
        self._nodes = [_node(n + 1, port + n if port else 0, listeners) for n in range(brokers)]
        self._data = data
        self._users = security.users() if security else ()
        self._extra = {**(security.properties() if security else {}), **(properties or {})}
        self._cleanup = ExitStack()
        self.brokers: list[Broker] = []

    @property
    def bootstrap_servers(self) -> str:
        """Addresses of the plain listeners, without TLS or SASL."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self._nodes)

    def servers(self, listener: str) -> str:
        """Return the addresses of an additional listener, by its name."""
        ports = [port for node in self._nodes for other, port in node.listeners.items() if other.name == listener]
        return ",".join(f"127.0.0.1:{port}" for port in ports)

    def __enter__(self) -> "Cluster":
        with self._cleanup as undo:
            folder = self._data or Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="tweet-cascade-kafka-")))
            libraries = jars.fetch()
            cluster_id = _cluster_id(folder)
            self.brokers = [self._prepare(node, folder, libraries, cluster_id) for node in self._nodes]
            for broker in self.brokers:
                undo.callback(broker.stop if self._data else broker.kill)  # data that are deleted need no clean stop
                broker.start()
            self.wait_ready()
            self._cleanup = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def wait_ready(self) -> None:
        """Wait until all brokers accept connections and are registered: a port opens before its broker is registered.

        Raises:
            BrokerError: a broker did not start or did not register.

        """
        deadline = time.monotonic() + _START_SECONDS
        for broker in self.brokers:
            broker.wait_ready(deadline)
        while live_brokers(self.bootstrap_servers) < len(self.brokers):
            if time.monotonic() > deadline:
                raise BrokerError(f"not all brokers of {self.bootstrap_servers} registered within {_START_SECONDS} s")
            time.sleep(0.1)

    def _prepare(self, node: Node, folder: Path, libraries: Path, cluster_id: str) -> Broker:
        home = (folder / f"broker-{node.id}").resolve()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)  # its properties may hold a password
        (home / "server.properties").write_text(server_properties(node, self._nodes, home / "data", self._extra))
        (home / "log4j2.yaml").write_text(log4j2_yaml(home / "server.log"))
        broker = Broker(node, home, libraries)
        broker.format(cluster_id, self._users)
        return broker


def _node(number: int, port: int, listeners: Sequence[Listener]) -> Node:
    own, controller, *more = free_ports(2 + len(listeners))
    return Node(number, port or own, controller, dict(zip(listeners, more, strict=True)))


def _cluster_id(folder: Path) -> str:
    """Return the id of the cluster in the folder; create one if there is none."""
    path = folder / _ID_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode())
    return path.read_text()

"""A cluster of brokers for the length of a `with`."""

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
        brokers: how many.
        port: of the first broker, the others' follow it; 0 for free ones.
        data: a folder that stays; without one, all that the cluster holds is gone after the `with`.
        properties: settings of server.properties beside the defaults, or instead of them.
        listeners: ways in for clients beside the plain one, on free ports.
        security: what `security.LISTENERS` need, where the listeners are among them.

    Raises:
        SettingError: Java or Maven is missing.
        BrokerError: a broker does not start.

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
        """Addresses for clients, without TLS or SASL."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self._nodes)

    def servers(self, listener: str) -> str:
        """Return the addresses behind one of the listeners that were asked for, by its name."""
        ports = [port for node in self._nodes for way, port in node.more.items() if way.name == listener]
        return ",".join(f"127.0.0.1:{port}" for port in ports)

    def __enter__(self) -> "Cluster":
        with self._cleanup as undo:
            folder = self._data or Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="tweet-cascade-kafka-")))
            libraries = jars.fetch()
            cluster_id = _cluster_id(folder)
            self.brokers = [self._prepare(node, folder, libraries, cluster_id) for node in self._nodes]
            for broker in self.brokers:
                undo.callback(broker.stop if self._data else broker.kill)  # nobody reads what is thrown away
                broker.start()
            self.wait_ready()
            self._cleanup = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def wait_ready(self) -> None:
        """Return when all brokers take connections and know of each other: a port opens before its broker is one.

        Raises:
            BrokerError: one does not.

        """
        deadline = time.monotonic() + _START_SECONDS
        for broker in self.brokers:
            broker.wait_ready(deadline)
        while live_brokers(self.bootstrap_servers) < len(self.brokers):
            if time.monotonic() > deadline:
                raise BrokerError(f"not all brokers of {self.bootstrap_servers} come up")
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
    """Return the id that the folder's cluster has, or gets now."""
    path = folder / _ID_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode())
    return path.read_text()

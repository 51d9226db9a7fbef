"""Configuration of a broker: server.properties and log4j2.yaml. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Listener:
    """A listener for clients beside the plain one.

    Args:
        name: its name in server.properties.
        protocol: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
        advertised: the port that clients connect to, that of a proxy; 0 for the listener's own.
        advertised_host: the host that clients connect to.

    """

    name: str
    protocol: str
    advertised: int = 0
    advertised_host: str = "127.0.0.1"


@dataclass(frozen=True)
class Node:
    """A broker that is also a controller, and its ports on loopback.

    Args:
        id: from 1.
        port: of the plain listener.
        controller_port: of the controller.
        listeners: the additional listeners and their ports.

    """

    id: int
    port: int
    controller_port: int
    listeners: Mapping[Listener, int] = field(default_factory=dict)


def server_properties(node: Node, nodes: Sequence[Node], data: Path, extra: Mapping[str, str]) -> str:
    """Return the text of server.properties; `extra` overrides the settings here."""
    replicas = str(len(nodes))
    settings = {
        "process.roles": "broker,controller",
        "node.id": str(node.id),
        "controller.quorum.voters": ",".join(f"{n.id}@127.0.0.1:{n.controller_port}" for n in nodes),
        **_listeners(node),
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(data),
        "default.replication.factor": replicas,
        "offsets.topic.replication.factor": replicas,
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.min.isr": "2" if len(nodes) > 1 else "1",
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "auto.create.topics.enable": "false",
        **extra,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _listeners(node: Node) -> dict[str, str]:
    plain, controller = Listener("PLAINTEXT", "PLAINTEXT"), Listener("CONTROLLER", "PLAINTEXT")
    clients = {plain: node.port, **node.listeners}
    bound = {**clients, controller: node.controller_port}
    return {
        "listeners": _joined(f"{each.name}://127.0.0.1:{port}" for each, port in bound.items()),
        "advertised.listeners": _joined(
            f"{each.name}://{each.advertised_host}:{each.advertised or port}" for each, port in clients.items()
        ),
        "listener.security.protocol.map": _joined(f"{each.name}:{each.protocol}" for each in bound),
        "inter.broker.listener.name": plain.name,
    }


def _joined(values: Iterable[str]) -> str:
    return ",".join(values)


def log4j2_yaml(log: Path) -> str:
    """Return a log4j2 configuration that writes warnings to a file."""
    return f"""Configuration:
  Appenders:
    File:
      name: file
      fileName: "{log}"
      PatternLayout:
        pattern: "%d %p %c: %m%n"
  Loggers:
    Root:
      level: WARN
      AppenderRef:
        ref: file
"""

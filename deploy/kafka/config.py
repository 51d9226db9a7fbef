"""What a broker's server.properties says. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Listener:
    """A way in for clients beside the plain one.

    Args:
        name: what server.properties calls it.
        protocol: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
        advertised: the port of 127.0.0.1 that clients are sent to, a proxy's; 0 for the listener's own.

    """

    name: str
    protocol: str
    advertised: int = 0


@dataclass(frozen=True)
class Node:
    """One broker, which is a controller too, and its ports on loopback."""

    id: int
    port: int
    controller_port: int
    more: Mapping[Listener, int] = field(default_factory=dict)


def server_properties(node: Node, nodes: Sequence[Node], data: Path, extra: Mapping[str, str]) -> str:
    """Return the text of server.properties; `extra` wins over what is here."""
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
    clients = {plain: node.port, **node.more}
    bound = {**clients, controller: node.controller_port}
    return {
        "listeners": _joined(f"{way.name}://127.0.0.1:{port}" for way, port in bound.items()),
        "advertised.listeners": _joined(f"{w.name}://127.0.0.1:{w.advertised or port}" for w, port in clients.items()),
        "listener.security.protocol.map": _joined(f"{way.name}:{way.protocol}" for way in bound),
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

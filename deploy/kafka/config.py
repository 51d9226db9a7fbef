"""What a broker's server.properties says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Node:
    """One broker, which is a controller too, and its ports on loopback."""

    id: int
    port: int
    controller_port: int


def server_properties(node: Node, nodes: Sequence[Node], data: Path, extra: Mapping[str, str]) -> str:
    """Return the text of server.properties; `extra` wins over what is here."""
    replicas = str(len(nodes))
    settings = {
        "process.roles": "broker,controller",
        "node.id": str(node.id),
        "controller.quorum.voters": ",".join(f"{n.id}@127.0.0.1:{n.controller_port}" for n in nodes),
        "listeners": f"PLAINTEXT://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{node.port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
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

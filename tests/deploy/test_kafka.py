"""Configuration of Kafka's brokers: listeners, ports, secrets, and missing tools."""

import stat
from pathlib import Path

import pytest

from deploy.kafka.__main__ import build_parser
from deploy.kafka.config import Listener, Node, server_properties
from deploy.kafka.ports import free_ports
from deploy.kafka.security import USER, Security
from worker.cli import app


def test_brokers_advertise_the_port_of_the_proxy(tmp_path: Path) -> None:
    """A broker behind a proxy advertises the proxy's port; otherwise clients would bypass the proxy."""
    node = Node(1, 9092, 9093, {Listener("PROXIED", "PLAINTEXT", 7000): 9094, Listener("TLS", "SSL"): 9095})
    lines = server_properties(node, [node], tmp_path, {"log.retention.ms": "1"}).splitlines()
    given = dict(line.split("=", 1) for line in lines)
    assert given["advertised.listeners"] == ("PLAINTEXT://127.0.0.1:9092,PROXIED://127.0.0.1:7000,TLS://127.0.0.1:9095")
    assert "TLS://127.0.0.1:9095,CONTROLLER://127.0.0.1:9093" in given["listeners"]
    assert "TLS:SSL" in given["listener.security.protocol.map"].split(",")
    assert given["log.retention.ms"] == "1"


def test_ports_differ() -> None:
    """Free ports are distinct, because a broker with two listeners on one port does not start."""
    assert len(set(free_ports(200))) == 200


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """Only the owner can read keys and password, and existing ones are kept."""
    made = Security.create(tmp_path / "certs")
    secret = [made.key, made.folder / "password", made.folder / "server.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert Security.create(tmp_path / "certs").password == made.password
    assert f'user_{USER}="{made.password}"' in made.properties()["listener.name.sasl_ssl.plain.sasl.jaas.config"]


def test_missing_tools_are_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without Java the command exits with 2 and says what to install."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert app.main(build_parser(), ["--fetch"]) == 2
    assert "apt install openjdk-17" in capsys.readouterr().err

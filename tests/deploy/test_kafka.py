"""What `deploy.kafka` decides before it starts a broker."""

import stat
from pathlib import Path

import pytest

from deploy.kafka.__main__ import build_parser
from deploy.kafka.config import Listener, Node, server_properties
from deploy.kafka.ports import free_ports
from deploy.kafka.security import USER, Security
from worker.cli import app


def test_clients_are_sent_to_the_advertised_port(tmp_path: Path) -> None:
    """Behind a proxy a broker that names its own port would be reached past it, and no cut would be felt."""
    node = Node(1, 9092, 9093, {Listener("PROXIED", "PLAINTEXT", 7000): 9094, Listener("TLS", "SSL"): 9095})
    lines = server_properties(node, [node], tmp_path, {"log.retention.ms": "1"}).splitlines()
    given = dict(line.split("=", 1) for line in lines)
    assert given["advertised.listeners"] == ("PLAINTEXT://127.0.0.1:9092,PROXIED://127.0.0.1:7000,TLS://127.0.0.1:9095")
    assert "TLS://127.0.0.1:9095,CONTROLLER://127.0.0.1:9093" in given["listeners"]
    assert "TLS:SSL" in given["listener.security.protocol.map"].split(",")
    assert given["log.retention.ms"] == "1"


def test_ports_differ() -> None:
    """Two listeners on one port would have a broker that does not start, now and then."""
    assert len(set(free_ports(200))) == 200


def test_secrets_are_their_owners(tmp_path: Path) -> None:
    """Keys and the password can be read by nobody else, and stay as they are when they are there."""
    made = Security.create(tmp_path / "certs")
    secret = [made.key, made.folder / "password", made.folder / "server.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert Security.create(tmp_path / "certs").password == made.password
    assert f'user_{USER}="{made.password}"' in made.properties()["listener.name.sasl_ssl.plain.sasl.jaas.config"]


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever lacks Java learns what to install."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert app.main(build_parser(), ["--fetch"]) == 2
    assert "apt install openjdk-17" in capsys.readouterr().err

"""TLS and SASL with self-made certificates: every command, as a user calls it."""

import json
import re
from pathlib import Path

import pytest

from deploy.kafka import Cluster
from deploy.kafka.security import USER, Security
from tests.kafka.support.auditor import audit
from tests.kafka.support.commands import Commands
from tests.kafka.support.modes import LONG
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
REFUSED = "rejected the login of user tweets|accept the login of user tweets"
QUICK = [
    ("MTLS", None, "exactly_once"),
    ("SASL_PLAINTEXT", "PLAIN", "at_least_once"),
    ("SASL_SSL", "SCRAM-SHA-256", "exactly_once"),
    ("SASL_SSL", "SCRAM-SHA-512", "at_least_once"),
]
ALL = [
    (listener, mechanism, delivery)
    for listener in ("SSL", "MTLS", "SASL_PLAINTEXT", "SASL_SSL")
    for mechanism in (MECHANISMS if "SASL" in listener else (None,))
    for delivery in ("at_least_once", "exactly_once")
]


def environment_of(security: Security, listener: str, mechanism: str | None) -> dict[str, str]:
    """Return the settings of a client of the listener."""
    found = {"CASCADE_SECURITY_PROTOCOL": listener.replace("MTLS", "SSL")}
    if listener != "SASL_PLAINTEXT":
        found["CASCADE_SSL_CAFILE"] = str(security.ca)
    if listener == "MTLS":
        files = {"CERTFILE": security.certificate, "KEYFILE": security.key, "PASSWORD": security.password}
        found |= {f"CASCADE_SSL_{name}": str(value) for name, value in files.items()}
    if mechanism:
        login = {"MECHANISM": mechanism, "PLAIN_USERNAME": USER, "PLAIN_PASSWORD": security.password}
        found |= {f"CASCADE_SASL_{name}": value for name, value in login.items()}
    return found


@pytest.fixture
def client(cluster: Cluster, security: Security, listener: str, mechanism: str | None) -> Commands:
    """Return the commands, connected to the test's listener."""
    return Commands(cluster.servers(listener), environment_of(security, listener, mechanism))


@pytest.mark.parametrize(("listener", "mechanism", "delivery"), ALL if LONG else QUICK)
def test_every_command_connects(client: Commands, settings: KafkaSettings, workers: Workers, tmp_path: Path) -> None:
    """The commands topics, produce, run and tail work with certificates and with a password, in both modes."""
    (tmp_path / "some.csv").write_text("id,text\n0,Forest fire\n1,Mixtape on fire\n")
    made = client.run(settings, "topics")
    assert (made.returncode, made.stdout.count("already exists")) == (0, 3), made.stderr
    sent = client.run(settings, "produce", str(tmp_path / "some.csv"))
    assert (sent.returncode, sent.stdout.split()[:2]) == (0, ["2", "tweets"]), sent.stderr
    workers.servers, workers.environment = client.servers, client.environment
    worker = workers.start()
    watched = client.run(settings, "tail", "--from-beginning", "--max", "2", "--json")
    worker.terminate()
    assert worker.wait(30) == 0, workers.logs()
    assert {json.loads(line)["id"] for line in watched.stdout.splitlines()} == {"0", "1"}, watched.stderr
    assert audit(settings).doubled == 0


@pytest.mark.parametrize(
    ("listener", "mechanism", "change", "message"),
    [
        ("SASL_SSL", "SCRAM-SHA-256", {"SASL_PLAIN_PASSWORD": "wrong"}, REFUSED),
        ("SASL_PLAINTEXT", "PLAIN", {"SASL_PLAIN_PASSWORD": "wrong"}, REFUSED),
        ("SSL", None, {"SSL_CAFILE": None}, "certificate of .* is not trusted.*--ssl-cafile"),
        ("MTLS", None, {"SSL_CERTFILE": None, "SSL_KEYFILE": None}, "refuses TLS.*--ssl-certfile"),
        ("MTLS", None, {"SSL_PASSWORD": None}, "CASCADE_SSL_PASSWORD"),
        ("SASL_SSL", "PLAIN", {"SECURITY_PROTOCOL": "SASL_PLAINTEXT", "SSL_CAFILE": None}, "--security-protocol"),
    ],
)
def test_a_refusal_is_one_line(
    client: Commands, settings: KafkaSettings, change: dict[str, str | None], message: str
) -> None:
    """A wrong password, an unknown authority or a missing certificate ends the worker with exit code 2 and one line."""
    client.change({"CONNECT_TIMEOUT": "4s", **change})
    line = client.refusal(settings)
    assert re.search(message, line), line

"""Configuration of the clients."""

import socket
import ssl
from typing import Any

import pytest

from worker.kafka.config import client_config, consumer_config
from worker.kafka.patches.client import new_client
from worker.settings import KafkaSettings, WorkerSettings


def test_security_settings_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """kafka-python gets the security settings that the user sets, and keeps its defaults for the others."""
    monkeypatch.setenv("CASCADE_SASL_PLAIN_PASSWORD", "secret")
    given: dict[str, Any] = {
        "security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "sasl_plain_username": "u",
        "ssl_check_hostname": False,
    }  # fmt: skip
    config = client_config(KafkaSettings(bootstrap_servers="a:1, b:2", **given))
    context = config.pop("ssl_context")
    assert (context.check_hostname, context.verify_mode) == (False, ssl.CERT_REQUIRED)
    assert config == {
        **{name: value for name, value in given.items() if name != "ssl_check_hostname"},
        "sasl_plain_password": "secret", "bootstrap_servers": ["a:1", "b:2"],
        "bootstrap_timeout_ms": 30_000, "kafka_client": new_client,
        "client_id": f"tweet-cascade-tools-{socket.gethostname()}",
    }  # fmt: skip


def test_the_broker_can_tell_clients_apart() -> None:
    """Quotas and the broker's metrics are by client id: a worker's has its group and host, unless the user sets it."""
    host = socket.gethostname()
    assert client_config(WorkerSettings(group_id="mine"))["client_id"] == f"mine-{host}"
    assert client_config(WorkerSettings(client_id="own"))["client_id"] == "own"
    assert consumer_config(WorkerSettings(group_instance_id="w-1"))["group_instance_id"] == "w-1"

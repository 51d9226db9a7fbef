"""Configuration of the clients."""

import ssl
from typing import Any

import pytest

from worker.kafka.config import client_config
from worker.kafka.patches.client import new_client
from worker.settings import KafkaSettings


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
    }  # fmt: skip

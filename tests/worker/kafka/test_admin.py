"""Checking topics without a broker."""

import socket
import time

import pytest

from worker.errors import BrokerError
from worker.kafka import require_topics
from worker.settings import KafkaSettings


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
def test_a_silent_listener_is_given_up(protocol: str) -> None:
    """A port of another service, or TLS against a port without it, ends in one line within the time-out."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        settings = KafkaSettings(bootstrap_servers=address, security_protocol=protocol, connect_timeout="500ms")
        start = time.monotonic()
        with pytest.raises(BrokerError, match=address):
            require_topics(settings, ["t"])
        assert time.monotonic() - start < 10

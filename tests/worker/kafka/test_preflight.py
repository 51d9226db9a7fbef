"""Checks before a command begins."""

import socket
import time

import pytest

from worker.errors import BrokerError
from worker.kafka import require_topics
from worker.kafka.preflight import _may
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


@pytest.mark.parametrize(
    ("error_code", "rights", "expected"),
    [(0, ["READ", "DESCRIBE"], True), (0, ["DESCRIBE"], False), (29, None, False), (0, None, True), (0, [], True)],
)
def test_a_right_is_missing_where_the_broker_says_so(error_code: int, rights: list[str] | None, expected: bool) -> None:
    """Brokers without ACLs, and old ones, list no rights: then the worker begins."""
    assert _may({"error_code": error_code, "authorized_operations": rights}, "Read") == expected

"""The producer of loads and backlogs."""

import socket

import pytest

from benchmarks.harness.producer import CheckedProducer
from worker.errors import BrokerError


def test_unacknowledged_records_are_an_error() -> None:
    """Records that no broker acknowledged are not counted as sent."""
    with socket.socket() as taken:  # nobody listens on it, and no other test's broker can
        taken.bind(("127.0.0.1", 0))
        producer = CheckedProducer(f"127.0.0.1:{taken.getsockname()[1]}", "tweets", linger_ms=1)
        producer.send(b"1", b"{}", 0)
        with pytest.raises(BrokerError, match="1 records to tweets failed: no acknowledgement"):
            producer.flush(0.05)

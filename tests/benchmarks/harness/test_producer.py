"""The producer of loads and backlogs."""

import pytest

from benchmarks.harness.producer import CheckedProducer
from deploy.demo.broker import free_port
from worker.errors import BrokerError


def test_unacknowledged_records_are_an_error() -> None:
    """Records that no broker acknowledged are not counted as sent."""
    producer = CheckedProducer(f"127.0.0.1:{free_port()}", "tweets", linger_ms=1)
    producer.send(b"1", b"{}", 0)
    with pytest.raises(BrokerError, match="1 records to tweets failed: no acknowledgement"):
        producer.flush(0.05)

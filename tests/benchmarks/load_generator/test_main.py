"""The sending loop of the load generator."""

import time

import numpy as np
import pytest

from benchmarks.harness.producer import CheckedProducer
from benchmarks.load_generator.__main__ import send
from worker.errors import BrokerError


class FakeProducer(CheckedProducer):
    """Keeps what is sent, with the time; `flush` fails if told to."""

    def __init__(self, *, broken: bool = False, pause: float = 0) -> None:
        self.broken, self.pause = broken, pause
        self.sent: list[tuple[bytes, int, int, float]] = []

    def send(self, key: bytes, value: bytes, partition: int, timestamp_ms: int = 0) -> None:
        """Keep the record."""
        self.sent.append((key, partition, timestamp_ms, time.time()))

    def poll(self, seconds: float = 0) -> None:
        """Take as long as a busy machine would."""
        time.sleep(self.pause)

    def flush(self, seconds: float = 0) -> None:
        """Fail if the producer is broken."""
        if self.broken:
            raise BrokerError("not acknowledged")


RECORDS = [(b"%d" % n, b"{}") for n in range(20)]


def test_records_are_sent_when_due_and_carry_their_arrival_time() -> None:
    """No record is sent early, each has its arrival time as timestamp, and the partitions take turns."""
    producer, due = FakeProducer(), time.time() + 0.02 + np.arange(20) / 200
    send(producer, due, RECORDS)
    assert [key for key, *_ in producer.sent] == [key for key, _ in RECORDS]
    assert [partition for _, partition, _, _ in producer.sent] == [n % 12 for n in range(20)]
    assert [timestamp for _, _, timestamp, _ in producer.sent] == [int(at * 1000) for at in due]
    assert all(at >= planned for (*_, at), planned in zip(producer.sent, due, strict=True))


def test_lateness_is_reported() -> None:
    """A generator that falls behind sends at once what is overdue, and reports the largest delay."""
    producer, due = FakeProducer(pause=0.05), time.time() + np.arange(20) / 1000
    assert send(producer, due, RECORDS) > 0.01
    assert len(producer.sent) == 20


def test_unacknowledged_records_are_an_error() -> None:
    """A load that the broker did not take is not reported as sent."""
    with pytest.raises(BrokerError):
        send(FakeProducer(broken=True), np.array([time.time()]), RECORDS[:1])

"""Source and sink without a broker."""

import pytest

from tests.worker.kafka.fakes import Consumer
from worker.kafka import KafkaSource, consumer, producer, transactions
from worker.settings import WorkerSettings


@pytest.fixture(autouse=True)
def _no_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the wait for a broker that could explain a time-out."""
    for module in (consumer, producer, transactions):
        monkeypatch.setattr(module, "topic_problems", lambda *_: [])


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> KafkaSource:
    """Return a source on the fake consumer."""
    monkeypatch.setattr(consumer, "KafkaConsumer", Consumer)
    monkeypatch.setattr(consumer, "POLL_MS", 1)
    return KafkaSource(WorkerSettings())

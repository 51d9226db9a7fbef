"""A producer's transaction that stays open on the input topic."""

import time

import pytest

from tests.helpers import tweet
from tests.kafka.support.auditor import audit
from tests.kafka.support.modes import both_modes
from tests.kafka.support.transactions import OpenTransaction
from tests.kafka.support.tweets import produce
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


@both_modes
def test_an_open_transaction_is_noted_and_harmless(
    workers: Workers, settings: KafkaSettings, delivery: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker stays live and says what it waits for; once the transaction ends, each tweet is labelled."""
    monkeypatch.setenv("CASCADE_LIVENESS_DEADLINE", "12s")
    monkeypatch.setenv("CASCADE_DELIVERY_TIMEOUT", "10s")
    monkeypatch.setenv("CASCADE_CONNECT_TIMEOUT", "10s")
    worker = workers.start()
    produce(settings, [tweet(n) for n in range(20)])
    transaction = OpenTransaction(settings, [tweet(n) for n in range(20, 50)], partition=0)
    produce(settings, [tweet(n) for n in range(50, 90)])
    held = "cascade_held_back_records"
    wait_until(lambda: workers.metric(worker, held) >= 30, 60, lambda: "nothing is held back: " + workers.logs())
    time.sleep(14)
    status, text = workers.health(worker, "livez")
    assert (status, text.splitlines()[0]) == (200, "ok"), text
    assert f"{settings.input_topic}-0: an open transaction of a producer has held back" in text
    assert workers.metric(worker, "cascade_lag_records") == 0
    assert workers.metric(worker, "cascade_held_back_seconds") > 12
    transaction.commit()
    workers.wait_done(60)
    audit(settings).check(90, delivery)
    assert workers.metric(worker, held) == 0

"""Offsets that no batch commits: aborted transactions and control records at the end of a partition."""

import pytest

from tests.helpers import tweet
from tests.kafka.support.auditor import audit
from tests.kafka.support.modes import both_modes
from tests.kafka.support.transactions import OpenTransaction
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


@both_modes
def test_the_committed_lag_reaches_zero(workers: Workers, settings: KafkaSettings, delivery: str) -> None:
    """The group's lag ends behind what a worker never sees: KEDA and kafka-consumer-groups watch it."""
    workers.start()
    OpenTransaction(settings, [tweet(n) for n in range(50)]).commit()
    OpenTransaction(settings, [tweet(n) for n in range(50, 80)]).abort()
    workers.wait_done(60)
    audit(settings).check(50, delivery)

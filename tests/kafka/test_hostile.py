"""Records of any bytes among the tweets."""

import random
from collections import Counter

import pytest

from tests.helpers import tweet
from tests.kafka.support.auditor import audit
from tests.kafka.support.hostile import bad_values, strange_texts
from tests.kafka.support.modes import LONG
from tests.kafka.support.tweets import produce
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900 if LONG else 240)]


def test_hostile_records_stop_nothing(workers: Workers, settings: KafkaSettings) -> None:
    """Each tweet of any text is labelled once, and each other record is dead-lettered once, its bytes unchanged."""
    bad, texts = bad_values(10_000 if LONG else 500), strange_texts(1_000 if LONG else 300)
    values = [*(tweet(n, text) for n, text in enumerate(texts)), *bad]
    random.Random(7).shuffle(values)  # noqa: S311 (an order, not a secret)
    produce(settings, values)
    workers.environment = {"CASCADE_MAX_BAD_SHARE": "1"}  # the long form has enough bad records to trip the breaker
    worker = workers.start(1000)
    workers.wait_done(600)
    assert worker.poll() is None, workers.logs()
    found = audit(settings)
    found.check(len(texts))
    assert found.letter_values == Counter(bad)
    assert found.letters.total() == len(found.letters), "each record once"

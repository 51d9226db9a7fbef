"""Any bytes among the tweets."""

import random
from collections import Counter

import pytest

from tests.helpers import tweet
from tests.kafka.auditor import audit
from tests.kafka.conftest import LONG
from tests.kafka.hostile import bad_values, strange_texts
from tests.kafka.workers import Workers, produce
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900 if LONG else 240)]


def test_hostile_records_stop_nothing(workers: Workers, settings: KafkaSettings) -> None:
    """Each tweet of whatever text is labelled once, and each other record dead-lettered once, its bytes unchanged."""
    bad, texts = bad_values(10_000 if LONG else 500), strange_texts(1_000 if LONG else 300)
    values = [*(tweet(n, text) for n, text in enumerate(texts)), *bad]
    random.Random(7).shuffle(values)  # noqa: S311 (an order, no secret)
    produce(settings, values)
    workers.environment = {"CASCADE_MAX_BAD_SHARE": "1"}  # so much is bad in the long form that the breaker is right
    worker = workers.start(1000)
    workers.wait_done(600)
    assert worker.poll() is None, workers.logs()
    found = audit(settings)
    found.check(len(texts))
    assert found.letter_values == Counter(bad)
    assert found.letters.total() == len(found.letters), "each record once"

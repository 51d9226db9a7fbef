"""A quota that lets no full batch through within its transaction."""

import pytest

from tests.kafka.support.auditor import audit
from tests.kafka.support.modes import LONG
from tests.kafka.support.quotas import producer_quota
from tests.kafka.support.tweets import Feed
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]
_BYTES_PER_SECOND = 5_000
_TWEETS = 1_500 if LONG else 300


@pytest.mark.parametrize("delivery", ["exactly_once"])
def test_batches_shrink_until_a_transaction_holds_them(settings: KafkaSettings, feed: Feed, workers: Workers) -> None:
    """A worker whose full batches are aborted for their age makes them smaller, and proceeds at the quota's rate."""
    feed.add(_TWEETS)
    with producer_quota(settings, _BYTES_PER_SECOND):
        workers.start(batch_size=300, transaction_ms=3_000)
        workers.wait_done(_TWEETS * 0.4)
    audit(settings).check(feed.count)

"""Lag behind a full buffer; only on Apache Kafka, because the embedded broker reports end offsets that are too low."""

from contextlib import closing

import pytest

from tests.helpers import tweet
from tests.kafka.support.tweets import produce
from tests.kafka.support.waiting import wait_until
from worker.kafka import KafkaSource
from worker.kafka.offsets.lag import EndOffsets
from worker.settings import KafkaSettings, WorkerSettings

pytestmark = pytest.mark.kafka


def test_lag_counts_records_behind_the_buffer(settings: KafkaSettings) -> None:
    """Lag counts the records that arrive while the consumer buffers others and therefore does not fetch."""
    produce(settings, [tweet(n) for n in range(50)])
    worker = WorkerSettings(
        bootstrap_servers=settings.bootstrap_servers, input_topic=settings.input_topic, group_id=settings.input_topic,
        session_timeout="6s",
    )  # fmt: skip
    with closing(KafkaSource(worker)) as source:
        source._ends = EndOffsets(source._consumer, {}, interval_s=0.0)
        wait_until(lambda: len(source.poll(10)) == 10, 60, lambda: "no records arrive")
        assert sum(filter(None, source.lag().values())) == 40
        produce(settings, [tweet(n) for n in range(500)])
        assert sum(filter(None, source.lag().values())) == 540, "more than the buffered records"

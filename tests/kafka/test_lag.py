"""The lag that operators scale by. The embedded broker is no help: it says less of a partition's end than is true."""

from contextlib import closing

import pytest

from tests.helpers import tweet
from tests.integration.conftest import wait_until
from tests.kafka.workers import produce
from worker.kafka import KafkaSource
from worker.kafka.lag import EndOffsets
from worker.settings import KafkaSettings, WorkerSettings

pytestmark = pytest.mark.kafka


def test_a_backlog_is_seen_behind_what_is_fetched(settings: KafkaSettings) -> None:
    """A consumer holds records by the thousand and fetches no more meanwhile: the lag counts what came since."""
    produce(settings, [tweet(n) for n in range(50)])
    worker = WorkerSettings(
        bootstrap_servers=settings.bootstrap_servers, input_topic=settings.input_topic, group_id=settings.input_topic,
        session_timeout="6s",
    )  # fmt: skip
    with closing(KafkaSource(worker)) as source:
        source._ends = EndOffsets(source._consumer, interval_s=0.0)
        wait_until(lambda: len(source.poll(10)) == 10, "records come")
        assert sum(filter(None, source.lag().values())) == 40
        produce(settings, [tweet(n) for n in range(500)])
        assert sum(filter(None, source.lag().values())) == 540, "not only what the consumer holds"

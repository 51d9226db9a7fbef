"""A partition that is not fetched any more, behind a backlog of the others."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka import TopicPartition

from tests.helpers import tweet
from tests.kafka.support.tweets import group_of
from tests.kafka.support.waiting import wait_until
from worker.kafka import KafkaSink, KafkaSource, consumer
from worker.kafka.config import consumer_config
from worker.monitoring.health import Health
from worker.settings import KafkaSettings, WorkerSettings
from worker.types import Message

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
_DEADLINE_S = 60.0
_BYTES = 4_000  # of a partition's records in one fetch, so that a small backlog takes many fetches


@pytest.fixture
def source(settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[KafkaSource]:
    """Return a member of the test's group that has begun with a backlog in three partitions."""
    with closing(KafkaSink(settings)) as sink:  # a fetch returns whole batches, so these are small
        for start in range(0, 6_000, 60):
            values = [tweet(n, "flood in the valley") for n in range(start, start + 60)]
            sink.publish([Message(settings.input_topic, str(n).encode(), value) for n, value in enumerate(values)])
    known = settings.model_dump(include={"bootstrap_servers", "input_topic"})
    made = WorkerSettings(**known, group_id=group_of(settings), session_timeout="6s")
    small = {**consumer_config(made), "max_partition_fetch_bytes": _BYTES}
    monkeypatch.setattr(consumer, "consumer_config", lambda _: small)
    with closing(KafkaSource(made)) as member:
        wait_until(lambda: bool(member.poll(1, 200)), 60, lambda: "no record arrives")
        yield member


def problems(source: KafkaSource, polls: int) -> set[str]:
    """Return why a worker is not live that polls so often, a second after the other, and commits at once."""
    seconds, found = 0.0, set[str]()
    health = Health(_DEADLINE_S, lambda: seconds)
    for _ in range(polls):
        seconds += 1
        records = source.poll(10, 500)
        health.begin("poll")
        health.polled(source.lag(), records, source.status())
        health.committed(records)
        found.update(problem.partition(" ")[0] for problem in health.liveness_problems())
    return found


def test_a_stuck_partition_is_noticed_behind_a_backlog(settings: KafkaSettings, source: KafkaSource) -> None:
    """It is reported although each poll is full of the others' records; these are not."""
    stuck = TopicPartition(settings.input_topic, 1)
    assert problems(source, 100) == set(), "each partition is fetched"
    source._consumer.pause(stuck)
    assert problems(source, 100) == {f"{stuck.topic}-{stuck.partition}"}

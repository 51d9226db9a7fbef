"""Where a group starts, and where it continues when its offset is gone."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from kafka import TopicPartition

from tests.helpers import tweet
from tests.kafka.support.admin import add_partitions, delete_records
from tests.kafka.support.tweets import Feed, group_of, produce
from tests.kafka.support.waiting import wait_until
from worker.kafka import KafkaSource, create_topics
from worker.settings import KafkaSettings, WorkerSettings
from worker.types import Record

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


@contextmanager
def joined(settings: KafkaSettings, policy: str) -> Iterator[KafkaSource]:
    """Return a member of the test's group that has a position in every partition."""
    known = settings.model_dump(include={"bootstrap_servers", "input_topic"})
    group = group_of(settings).partition(",")[0]
    made = WorkerSettings(**known, group_id=group, auto_offset_reset=policy, session_timeout="6s")
    with closing(KafkaSource(made)) as source:
        wait_until(lambda: is_placed(source), 60, lambda: "no position was found")
        yield source


def is_placed(source: KafkaSource) -> bool:
    """Poll one record at most; return whether the member has a position in each of its partitions."""
    source._seen = [*getattr(source, "_seen", []), *source.poll(1, 200)]  # type: ignore[attr-defined]
    consumer = source._consumer
    return bool(consumer.assignment()) and consumer._subscription.has_all_fetch_positions()


def read(source: KafkaSource, count: int) -> list[Record]:
    """Poll until that many records have arrived since the start."""
    found: list[Record] = source._seen  # type: ignore[attr-defined]

    def enough() -> bool:
        found.extend(source.poll(500, 200))
        return len(found) >= count

    wait_until(enough, 30, lambda: f"{len(found)} of {count} records arrived")
    return found


def test_a_group_that_starts_at_the_end_keeps_that_position(settings: KafkaSettings) -> None:
    """Tweets produced while a worker that was ready is away are labelled, though it had committed no batch."""
    produce(settings, [tweet(n) for n in range(50)])
    with joined(settings, "latest"):
        pass
    produce(settings, [tweet(n) for n in range(300)])
    with joined(settings, "latest") as source:
        assert len(read(source, 300)) == 300, "neither the 50 earlier tweets nor fewer than the later ones"


def test_a_partition_that_appears_later_is_read_from_its_beginning(settings: KafkaSettings) -> None:
    """Under latest, tweets that reach a new partition before the group knows it are labelled."""
    with joined(settings, "latest"):
        pass
    add_partitions(settings, settings.input_topic, 6)
    feed = Feed(settings)
    feed.add(300)
    with joined(settings, "latest") as source:
        assert {record.partition for record in read(source, 300)} == set(range(6))


def test_a_topic_that_is_added_starts_at_its_own_end(settings: KafkaSettings) -> None:
    """Under latest, another input topic has its own start: the group's offsets in the first topic say nothing of it."""
    with joined(settings, "latest"):
        pass
    added = settings.model_copy(update={"input_topic": f"{settings.input_topic}-more"})
    create_topics(added, [added.input_topic], 3, 1)
    for each in (settings, added):
        produce(each, [tweet(n) for n in range(60)])
    both = settings.model_copy(update={"input_topic": f"{settings.input_topic},{added.input_topic}"})
    with joined(both, "latest") as source:
        produce(added, [tweet(n) for n in range(30)])
        found = Counter(record.topic for record in read(source, 90))
    assert found == {settings.input_topic: 60, added.input_topic: 30}


@pytest.mark.parametrize("policy", ["earliest", "latest"])
def test_records_that_were_deleted_unread_are_reported(
    settings: KafkaSettings, policy: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker says which records retention took, counts them, and continues at the earliest record left."""
    with joined(settings, policy):
        pass
    produce(settings, [tweet(n) for n in range(300)])
    delete_records(settings, TopicPartition(settings.input_topic, 0), 10)
    with caplog.at_level(logging.WARNING), joined(settings, policy) as source:
        assert len(read(source, 290)) == 290
        assert source.status().lost_records == 10
    assert f"{settings.input_topic}-0: 10 records were deleted before they were read, offsets 0 to 9" in caplog.text


def test_an_offset_beyond_the_end_is_reported(settings: KafkaSettings, caplog: pytest.LogCaptureFixture) -> None:
    """After a truncation the group continues at the earliest record left, also under latest, and says so."""
    with joined(settings, "latest") as source:
        source.commit([Record(settings.input_topic, 0, 5_000, 0, None, b"")])
    produce(settings, [tweet(n) for n in range(90)])
    with caplog.at_level(logging.WARNING), joined(settings, "latest") as source:
        assert len(read(source, 90)) == 90
    assert f"{settings.input_topic}-0: offset 5001 is beyond the end" in caplog.text

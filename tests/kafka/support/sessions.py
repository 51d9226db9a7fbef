"""Exactly-once sessions, and what their group has committed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from confluent_kafka import Consumer, TopicPartition
from kafka.structs import ConsumerGroupMetadata

from tests.kafka.support.tweets import group_of
from worker.kafka import ExactlyOnceSession
from worker.settings import KafkaSettings, WorkerSettings


def exactly_once(settings: KafkaSettings, **changes: object) -> WorkerSettings:
    """Return the settings of a worker in the test's group."""
    own = {"group_id": group_of(settings), "delivery": "exactly_once", **changes}
    return WorkerSettings(**{**settings.model_dump(), **own})


def join(session: ExactlyOnceSession) -> None:
    """Poll until the group has accepted the session's member."""
    while not session.status().joined:
        session.poll(500)


@contextmanager
def member_of(session: ExactlyOnceSession, metadata: ConsumerGroupMetadata) -> Iterator[None]:
    """Have the session commit as the member that the metadata names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session._source, "group_metadata", lambda: metadata)
        yield


def committed(settings: WorkerSettings, partition: int) -> int:
    """Return the group's committed offset as another client sees it: 0 or less if no record was labelled."""
    consumer = Consumer({"bootstrap.servers": settings.bootstrap_servers, "group.id": settings.group_id})
    with closing(consumer):
        [found] = consumer.committed([TopicPartition(settings.input_topic, partition)], timeout=30)
        return int(found.offset)

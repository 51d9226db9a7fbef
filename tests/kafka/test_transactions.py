"""What aborted transactions and cut connections leave behind on a real broker."""

from contextlib import closing
from threading import Thread
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.helpers import record
from tests.kafka.proxy import Proxy
from tests.kafka.workers import group_of
from worker.errors import BatchAbortedError
from worker.kafka import TransactionalSink, TransactionalSource
from worker.settings import KafkaSettings, WorkerSettings
from worker.types import Message

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


class Dropped(TransactionalSource):
    """A source whose group has dropped it, as happens while a broker is away."""

    def group_metadata(self) -> Any:  # noqa: ANN401 (kafka-python has no types)
        """Return a member that the group does not know."""
        return super().group_metadata()._replace(member_id="gone")


def committed(settings: WorkerSettings, partition: int) -> int:
    """Return the group's offset by another client; below 0 where there is none."""
    consumer = Consumer({"bootstrap.servers": settings.bootstrap_servers, "group.id": settings.group_id})
    with closing(consumer):
        [found] = consumer.committed([TopicPartition(settings.input_topic, partition)], timeout=30)
        return int(found.offset)


def transactional(settings: KafkaSettings, servers: str) -> WorkerSettings:
    """Return the settings of a worker of the test's group."""
    mine = {"group_id": group_of(settings), "delivery": "exactly_once", "bootstrap_servers": servers}
    return WorkerSettings(**{**settings.model_dump(), **mine})


def test_a_commit_survives_a_cut(settings: KafkaSettings, proxy: Proxy) -> None:
    """A request of the transaction that finds no connection is sent once there is one, and not forgotten."""
    mine = transactional(settings, f"127.0.0.1:{proxy.port}")
    with closing(TransactionalSink(mine)) as sink, closing(TransactionalSource(mine, sink)) as source:
        while not source.joined():
            source.poll(500)
        sink.publish([Message(mine.output_topic, None, b"label")])
        proxy.cut()
        committing = Thread(target=source.commit, args=[[record(topic=mine.input_topic, offset=4)]], daemon=True)
        committing.start()
        committing.join(1)
        assert committing.is_alive(), "it was to find no broker"
        proxy.restore()
        committing.join(30)
        assert not committing.is_alive()
    assert committed(transactional(settings, settings.bootstrap_servers), 0) == 5


def test_an_aborted_batch_is_not_skipped(settings: KafkaSettings) -> None:
    """The offsets of an aborted batch are not committed with the next batch's: the batch would never be labelled."""
    mine = transactional(settings, settings.bootstrap_servers)
    message = [Message(mine.output_topic, None, b"label")]
    with closing(TransactionalSink(mine)) as sink, closing(TransactionalSource(mine, sink)) as source:
        while not source.joined():
            source.poll(500)
        sink.publish(message)
        dropped = Dropped.__new__(Dropped)
        dropped.__dict__.update(source.__dict__)
        with pytest.raises(BatchAbortedError, match="UnknownMemberId"):
            dropped.commit([record(topic=mine.input_topic, partition=0, offset=299)])
        sink.publish(message)
        source.commit([record(topic=mine.input_topic, partition=1, offset=99)])
    assert committed(mine, 1) == 100
    assert committed(mine, 0) < 0, "nothing of partition 0 was labelled"

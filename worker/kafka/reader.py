"""Reading topics from outside of any group: to watch them, not to share work."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from worker.errors import SourceError
from worker.kafka.config import client_config, connecting
from worker.kafka.patches.header_names import accept_any_header_name
from worker.settings import KafkaSettings
from worker.types import Record

_PATIENCE_S = 60.0


def _consumer(settings: KafkaSettings) -> KafkaConsumer:
    """Return a client that commits nothing, so that no worker notices."""
    accept_any_header_name()
    return KafkaConsumer(
        **client_config(settings),
        enable_auto_commit=False,
        isolation_level="read_committed",
        allow_auto_create_topics=False,
        auto_offset_reset="earliest",  # where retention took what was to be read next
    )


def _partitions(consumer: KafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    found = [(topic, consumer.partitions_for_topic(topic) or ()) for topic in topics]
    return [TopicPartition(topic, p) for topic, partitions in found for p in sorted(partitions)]


def _polled(consumer: KafkaConsumer, timeout_ms: int) -> Iterator[Record]:
    try:
        polled = consumer.poll(timeout_ms=timeout_ms)
    except KafkaError as error:
        raise SourceError(f"no more records can be read: {error}") from error
    for records in polled.values():
        yield from map(to_record, records)


def to_record(r: Any) -> Record:  # noqa: ANN401 (kafka-python has no types)
    """Return what kafka-python polled as the project's own type."""
    return Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers, r.leader_epoch)


class KafkaReader:
    """Reads all partitions of the topics as records come."""

    def __init__(self, settings: KafkaSettings, topics: Sequence[str], *, from_beginning: bool) -> None:
        with connecting(settings):
            self._consumer = _consumer(settings)
            assigned = _partitions(self._consumer, topics)
            self._consumer.assign(assigned)
            # Positions are settled now: what is published from here on is read.
            (self._consumer.seek_to_beginning if from_beginning else self._consumer.seek_to_end)(*assigned)
            for tp in assigned:
                self._consumer.position(tp)

    def poll(self, timeout_ms: int = 500) -> Iterator[Record]:
        """Wait a moment for records; yield those that came.

        Raises:
            SourceError: no more will come.

        """
        return _polled(self._consumer, timeout_ms)

    def close(self) -> None:
        """Free the connection."""
        self._consumer.close(autocommit=False)


class TopicScan:
    """Reads a topic once, each partition after the other, to where it ends when it comes to it.

    Transactions that are open there are waited for.

    Attributes:
        offsets: how many offsets there are; a few of them are no records but ends of transactions.

    """

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        with connecting(settings):
            self._consumer = _consumer(settings)
            partitions = _partitions(self._consumer, [topic])
            self._begin = self._consumer.beginning_offsets(partitions)
            end = self._consumer.end_offsets(partitions)
        self._filled = sorted(tp for tp in partitions if end[tp] > self._begin[tp])
        self.offsets = sum(end[tp] - self._begin[tp] for tp in partitions)

    def __iter__(self) -> Iterator[Record]:
        """Yield the records, by partition and offset.

        Raises:
            SourceError: no more will come, or none comes for a minute.

        """
        for tp in self._filled:
            self._consumer.assign([tp])
            self._consumer.seek(tp, self._begin[tp])
            yield from self._partition(tp)

    def _partition(self, tp: TopicPartition) -> Iterator[Record]:
        end, deadline = None, time.monotonic() + _PATIENCE_S
        while end is None or self._consumer.position(tp) < end:
            came = list(_polled(self._consumer, 500))
            # The end is a fetch's: the embedded broker's answer to who asks for it counts a batch as one record.
            end = self._consumer.highwater(tp) if end is None else end
            yield from (record for record in came if end is None or record.offset < end)
            if came:
                deadline = time.monotonic() + _PATIENCE_S
            elif time.monotonic() > deadline:
                raise SourceError(
                    f"of {tp.topic}-{tp.partition}, nothing comes after offset {self._consumer.position(tp)}; is a "
                    "transaction open there?"
                )

    def close(self) -> None:
        """Free the connection."""
        self._consumer.close(autocommit=False)

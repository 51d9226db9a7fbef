"""Read topics outside of any consumer group: to watch them, not to share work."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from worker.errors import SourceError
from worker.kafka.config import client_config, connecting
from worker.kafka.patches.header_names import accept_any_header_name
from worker.settings import KafkaSettings
from worker.types import Record

_PATIENCE_S = 60.0


def _consumer(settings: KafkaSettings) -> KafkaConsumer:
    """Return a client that commits nothing and so does not affect any worker."""
    accept_any_header_name()
    return KafkaConsumer(
        **client_config(settings),
        enable_auto_commit=False,
        isolation_level="read_committed",
        allow_auto_create_topics=False,
        auto_offset_reset="earliest",  # if retention has deleted the next record
    )


def _partitions(consumer: KafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    found = [(topic, consumer.partitions_for_topic(topic) or ()) for topic in topics]
    return [TopicPartition(topic, p) for topic, partitions in found for p in sorted(partitions)]


def _polled(consumer: KafkaConsumer, timeout_ms: int) -> Iterator[Record]:
    try:
        polled = consumer.poll(timeout_ms=timeout_ms)
    except KafkaError as error:
        raise SourceError(f"cannot read any more records: {error}") from error
    for records in polled.values():
        yield from map(to_record, records)


def to_record(r: ConsumerRecord) -> Record:
    """Convert a record of kafka-python to the project's type."""
    return Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers, r.leader_epoch)


class KafkaReader:
    """Reads all partitions of the topics as records arrive."""

    def __init__(self, settings: KafkaSettings, topics: Sequence[str], *, from_beginning: bool) -> None:
        with connecting(settings):
            self._consumer = _consumer(settings)
            assigned = _partitions(self._consumer, topics)
            self._consumer.assign(assigned)
            (self._consumer.seek_to_beginning if from_beginning else self._consumer.seek_to_end)(*assigned)
            for tp in assigned:  # a seek is lazy: resolve it now, so that everything published from here on is read
                self._consumer.position(tp)

    def poll(self, timeout_ms: int = 500) -> Iterator[Record]:
        """Wait for records; yield them.

        Raises:
            SourceError: no more records can be read.

        """
        return _polled(self._consumer, timeout_ms)

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close(autocommit=False)


class TopicScan:
    """Reads a topic once, partition after partition, up to the end that each has when its turn comes.

    Waits for open transactions to end.

    Args:
        settings: of the connection.
        topic: the topic.
        last: how many of each partition's last offsets to read; None for all.

    Attributes:
        offsets: number of offsets in the topic; a few of them are not records but ends of transactions.

    """

    def __init__(self, settings: KafkaSettings, topic: str, last: int | None = None) -> None:
        with connecting(settings):
            self._consumer = _consumer(settings)
            partitions = _partitions(self._consumer, [topic])
            self._begin = self._consumer.beginning_offsets(partitions)
            end = self._consumer.end_offsets(partitions)
        if last is not None:
            self._begin = {tp: max(first, end[tp] - last) for tp, first in self._begin.items()}
        self._filled = sorted(tp for tp in partitions if end[tp] > self._begin[tp])
        self.offsets = sum(end[tp] - self._begin[tp] for tp in partitions)

    def __iter__(self) -> Iterator[Record]:
        """Yield the records by partition and offset.

        Raises:
            SourceError: no more records can be read, or none has arrived for a minute.

        """
        for tp in self._filled:
            self._consumer.assign([tp])
            self._consumer.seek(tp, self._begin[tp])
            yield from self._partition(tp)

    def _partition(self, tp: TopicPartition) -> Iterator[Record]:
        end, deadline = None, time.monotonic() + _PATIENCE_S
        while end is None or self._consumer.position(tp) < end:
            polled = list(_polled(self._consumer, 500))
            # Taken from a fetch: asked directly, the embedded broker counts a batch as one record.
            end = self._consumer.highwater(tp) if end is None else end
            yield from (record for record in polled if end is None or record.offset < end)
            if polled:
                deadline = time.monotonic() + _PATIENCE_S
            elif time.monotonic() > deadline:
                raise SourceError(
                    f"no record of {tp.topic}-{tp.partition} has arrived after offset {self._consumer.position(tp)} "
                    f"for {_PATIENCE_S:g} s; is a transaction open there?"
                )

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close(autocommit=False)


def last_records(settings: KafkaSettings, topic: str, count: int) -> list[Record]:
    """Return at least the last `count` records of each partition, or all of them; each partition's in order."""
    with closing(TopicScan(settings, topic, last=count)) as scan:
        return list(scan)

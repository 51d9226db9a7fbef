"""Fakes of kafka-python's clients."""

from collections import deque
from types import SimpleNamespace

from kafka import TopicPartition
from kafka.errors import KafkaError
from kafka.producer.producer_batch import ProducerBatch
from kafka.producer.record_accumulator import RecordAccumulator
from kafka.record.memory_records import MemoryRecords
from kafka.structs import OffsetAndMetadata

METADATA = SimpleNamespace(
    request_update=lambda: None,
    partitions_for_topic=lambda _: {0, 1, 2},
    available_partitions_for_topic=lambda _: {0, 1, 2},
)
"""The cached metadata of a producer: any topic has three partitions."""


class Producer:
    """A producer of kafka-python without its thread: `flush` acknowledges what was sent, but for what `refused` says.

    It succeeds although a record was refused, as kafka-python's does.
    """

    def __init__(self, **config: object) -> None:
        self.config = config
        self.refused: dict[bytes, KafkaError] = {}
        """The error of each record with this value."""
        self._metadata = METADATA
        self._accumulator = RecordAccumulator(batch_size=config.get("batch_size", 1_000))
        self._transaction_manager: object = None
        self._sender = SimpleNamespace(wakeup=lambda: None)
        self._closed = False

    def partitions_for(self, topic: str) -> set[int]:
        """Return three partitions for any topic."""
        return {0, 1, 2}

    def batches(self) -> list[ProducerBatch]:
        """Return what waits, in the order in which it was sent to each partition."""
        return [batch for queue in self._accumulator._batches.values() for batch in queue]

    def flush(self, timeout: float) -> None:
        """Acknowledge or refuse all that waits."""
        for batch in self.batches():
            batch.records.close()
            errors = [self.refused.get(record.value) for record in MemoryRecords(batch.records.buffer()).next_batch()]
            if refused := [error for error in errors if error]:  # all records of the batch fail
                batch.complete_exceptionally(refused[0], lambda n, errors=errors: errors[n] or KafkaError())
            else:
                batch.complete(0, -1)
            self._accumulator.deallocate(batch)
        self._accumulator._batches.clear()

    def close(self, timeout: float) -> None:
        """Note it."""
        self._closed = True


class Consumer:
    """A consumer of three partitions that remembers the committed offsets; `error` makes its next call fail."""

    def __init__(self, *_: str, **config: object) -> None:
        self.config = config
        self.error: KafkaError | None = None
        self.committed: dict[TopicPartition, OffsetAndMetadata] = {}
        self._cluster = SimpleNamespace(partitions_for_topic={"t": {0, 1, 2}}.get)
        self._fetcher = SimpleNamespace(
            _parse_fetched_data=lambda _: None, _completed_fetches=deque(), _next_partition_records=None
        )

    def subscribe(self, topics: list[str], listener: object) -> None:
        """Do nothing."""

    def subscription(self) -> set[str]:
        """Return two topics."""
        return {"t", "gone"}

    def poll(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[object]]:
        """Return nothing, or fail once."""
        if error := self.error:
            self.error = None
            raise error
        return {}

    def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata]) -> None:
        """Remember the offsets, or fail."""
        if self.error:
            raise self.error
        self.committed = offsets

    def assignment(self) -> set[TopicPartition]:
        """Return three partitions."""
        return {TopicPartition("t", n) for n in range(3)}

    def partitions_for_topic(self, topic: str) -> set[int]:
        """Return three partitions for any topic."""
        return {0, 1, 2}

    def highwater(self, tp: TopicPartition) -> int | None:
        """Return the end offset of the last fetch; unknown for the last partition."""
        return {0: 10, 1: 7}.get(tp.partition)

    def end_offsets(self, partitions: list[TopicPartition], timeout_ms: int) -> dict[TopicPartition, int]:
        """Return a later end than the last fetch for one partition, or fail."""
        if self.error:
            raise self.error
        return {TopicPartition("t", 1): 12}

    def position(self, tp: TopicPartition, timeout_ms: int) -> int | None:
        """Return the position."""
        return {0: 4, 1: 7}.get(tp.partition)

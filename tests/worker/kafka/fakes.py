"""Fakes of kafka-python's clients."""

from collections import deque
from types import SimpleNamespace

from kafka import TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata


class Future:
    """The acknowledgement of one record."""

    is_done = True
    _produce_future = SimpleNamespace(topic_partition=TopicPartition("t", 0))

    def __init__(self, error: KafkaError | None = None) -> None:
        self.error = error

    def get(self, timeout: float) -> None:
        """Return, or raise the failure."""
        if self.error:
            raise self.error


METADATA = SimpleNamespace(request_update=lambda: None, partitions_for_topic=lambda _: {0, 1, 2})
"""The cached metadata of a producer: any topic has three partitions."""


class Producer:
    """A producer whose flush succeeds although a send failed, as kafka-python's does."""

    def __init__(self, **config: object) -> None:
        self.config = config
        self.futures: list[Future] = []
        self._metadata = METADATA

    def send(self, *_: object) -> Future:
        """Return the next future."""
        return self.futures.pop(0)

    def partitions_for(self, topic: str) -> set[int]:
        """Return three partitions for any topic."""
        return {0, 1, 2}

    def flush(self, timeout: float) -> None:
        """Succeed."""


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

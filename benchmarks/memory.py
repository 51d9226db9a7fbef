"""A source and a sink in memory: without Kafka, only the worker's own time is left."""

import time
from collections.abc import Collection, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

from worker.cli.tweet_files import read_messages
from worker.types import Lag, Message, Partition, Record, SourceStatus


class MemorySource:
    """Returns the same batch at every poll.

    Args:
        tweets: a .csv or .jsonl file; it is repeated if it has too few.
        size: records in the batch.

    """

    def __init__(self, tweets: Path, size: int) -> None:
        now = int(time.time() * 1000)
        messages = islice(cycle(read_messages(str(tweets), "tweets")), size)
        self._batch = [Record("tweets", 0, n, now, m.key, m.value) for n, m in enumerate(messages)]

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:  # noqa: ARG002 (the protocol's)
        """Return the batch."""
        return self._batch

    def commit(self, records: Sequence[Record]) -> None:
        """Do nothing."""

    def commit_idle(self, in_flight: Collection[Partition]) -> Mapping[Partition, int]:  # noqa: ARG002 (the protocol's)
        """Commit nothing."""
        return {}

    def rewind(self, records: Sequence[Record]) -> None:
        """Do nothing."""

    def lag(self) -> Lag:
        """Return no lag in twelve partitions."""
        return {("tweets", n): 0 for n in range(12)}

    def generation(self) -> int:
        """Return the first generation."""
        return 1

    def assignments(self) -> Mapping[Partition, int]:
        """Return the first assignment of the partition."""
        return {("tweets", 0): 1}

    def status(self) -> SourceStatus:
        """Return that of a stable member."""
        return SourceStatus(joined=True)

    def close(self) -> None:
        """Do nothing."""


class MemorySink:
    """Discards messages."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

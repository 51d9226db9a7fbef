"""A source and a sink without Kafka: what is left is the worker's own time."""

import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from worker.cli.tweet_files import read_messages
from worker.types import Lag, Message, Record


class MemorySource:
    """Gives the same batch at every poll.

    Args:
        tweets: a .csv or .jsonl file; it is repeated where it holds too few.
        size: records in the batch.

    """

    def __init__(self, tweets: Path, size: int) -> None:
        now = int(time.time() * 1000)
        messages = islice(cycle(read_messages(str(tweets), "tweets")), size)
        self._batch = [Record("tweets", 0, n, now, m.key, m.value) for n, m in enumerate(messages)]

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:  # noqa: ARG002 (as the real one's)
        """Return the batch."""
        return self._batch

    def commit(self, records: Sequence[Record]) -> None:
        """Take them for done."""

    def rewind(self, records: Sequence[Record]) -> None:
        """Take no notice."""

    def lag(self) -> Lag:
        """Return what twelve partitions would have."""
        return {("tweets", n): 0 for n in range(12)}

    def generation(self) -> int:
        """Be in the first."""
        return 1

    def joined(self) -> bool:
        """Count it in."""
        return True

    def close(self) -> None:
        """Have nothing to close."""


class MemorySink:
    """Takes messages and forgets them."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Forget them."""

    def close(self) -> None:
        """Have nothing to close."""

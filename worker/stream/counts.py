"""Counts of a published batch, for metrics and circuit breaker; small, so that they can wait for a later commit."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from schemas import Reason
from worker.stream.circuit_breaker import bad_flags
from worker.types import BatchResult, Floats, Partition, Record, partitions_of

RESULTS = ("labelled", "dead_letter", "skipped")
"""What a record becomes."""


class BatchCounts(NamedTuple):
    """What is counted of a batch, or of one partition's part of it, once it is committed."""

    labels: Mapping[tuple[str, int], int]
    """By stage and target."""
    shed: Mapping[str, int]
    """Labels that the stage would have deferred, by stage."""
    dead_letters: Mapping[Reason, int]
    skipped: Mapping[str, int]
    """Skipped records, by reason."""
    timestamps: Floats
    """Of the records that became labels or dead letters, in milliseconds since 1970, -1 for none; shape (n,)."""
    topics: Mapping[tuple[str, str], int]
    """Records by topic and result: `labelled`, `dead_letter` or `skipped`."""
    bad: Sequence[bool]
    """For each record in order, whether it became a dead letter."""


def counts_of(records: Sequence[Record], result: BatchResult) -> BatchCounts:
    """Return the counts of a batch.

    Args:
        records: all of the batch, each partition's in order.
        result: their labels, dead letters and skipped records.

    """
    stamps = [record.timestamp for record, _ in (*result.labels, *result.dead_letters)]
    return BatchCounts(
        Counter([(label.stage, label.target) for _, label in result.labels]),
        Counter([label.stage for _, label in result.labels if label.shed]),
        Counter([letter.reason for _, letter in result.dead_letters]),
        Counter([why for _, why in result.skipped]),
        np.array(stamps, dtype=np.float64),
        _by_topic(result),
        bad_flags(records, result),
    )


def _by_topic(result: BatchResult) -> Mapping[tuple[str, str], int]:
    parts = zip(RESULTS, (result.labels, result.dead_letters, result.skipped), strict=True)
    return Counter([(record.topic, name) for name, part in parts for record, _ in part])


class _Part(NamedTuple):
    """One partition's part of a batch."""

    partition: Partition
    last: int
    """Offset of its last record."""
    counts: BatchCounts


class UncommittedCounts:
    """Counts of records that are published while their commit failed.

    They count once a later commit of their partition covers them, and not at all where they are polled again, by this
    worker or by the partition's new owner: whoever commits them counts them.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []

    def __len__(self) -> int:
        """Return the number of parts of batches that wait."""
        return len(self._parts)

    def add(self, records: Sequence[Record], result: BatchResult) -> None:
        """Add a batch whose commit failed."""
        for partition in sorted(partitions_of(records)):
            own = [record for record in records if (record.topic, record.partition) == partition]
            self._parts.append(_Part(partition, own[-1].offset, counts_of(own, result.of({partition}))))

    def forget(self, repeated: Iterable[Record], assigned: Container[Partition]) -> None:
        """Forget what is polled again, and what other members own.

        Args:
            repeated: a batch that is about to be published.
            assigned: the partitions of this member.

        """
        first = {(r.topic, r.partition): r.offset for r in reversed([*repeated])}
        self._parts = [
            part
            for part in self._parts
            if part.partition in assigned and part.last < first.get(part.partition, part.last + 1)
        ]

    def bad(self) -> list[bool]:
        """Return, for each record in order, whether it became a dead letter."""
        return [flag for part in self._parts for flag in part.counts.bad]

    def covered_to(self, offsets: Mapping[Partition, int]) -> list[BatchCounts]:
        """Remove and return the counts of records before these committed offsets."""
        found = [part.counts for part in self._parts if part.last < offsets.get(part.partition, 0)]
        self._parts = [part for part in self._parts if part.last >= offsets.get(part.partition, 0)]
        return found

    def covered(self, partitions: Container[Partition]) -> list[BatchCounts]:
        """Remove and return the counts that a commit of these partitions covers."""
        found = [part.counts for part in self._parts if part.partition in partitions]
        self._parts = [part for part in self._parts if part.partition not in partitions]
        return found

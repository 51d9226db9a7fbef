"""Batches in flight: classified in threads, finished in the order they were polled.

While one batch is published and committed, the next one is classified: TensorFlow and the network release Python's
lock while they work. The records of a partition are finished in order, so that what is committed is always a prefix.
"""

import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import StageProgress
from worker.overload.controller import Allowance
from worker.stream.classify import Decode, classify_batch
from worker.stream.codec import decode
from worker.types import BatchResult, Partition, Record, partitions_of

_THREADS = 2  # one holds Python's lock, one computes without it; with three, a batch would wait for the other two
DEPTH = 2
"""Batches in flight: one is published while the other is classified; a third raised latency and not throughput."""


@dataclass
class Batch:
    """A batch in flight.

    Attributes:
        records: as they were polled.
        assignments: of their partitions when they were polled, as `Source.assignments` numbers them.
        cascade: classifies them.
        allowance: what the batch may take.
        progress: the stage that it is at.

    """

    records: list[Record]
    assignments: Mapping[Partition, int]
    cascade: ThresholdCascade
    allowance: Allowance
    progress: StageProgress = field(default_factory=StageProgress)
    _future: "Future[tuple[BatchResult, float]]" = field(init=False)

    def start(self, pool: ThreadPoolExecutor, decode: Decode) -> None:
        """Classify the records as soon as a thread is free."""
        self._future = pool.submit(self._classify, decode)

    def _classify(self, decode: Decode) -> tuple[BatchResult, float]:
        start, now = time.perf_counter(), datetime.now(UTC)
        result = classify_batch(self.records, self.cascade, now, self.allowance.budget, self.progress, decode)
        return result, time.perf_counter() - start

    def result(self) -> tuple[BatchResult, float]:
        """Wait for the result; return it and the seconds it took.

        Raises:
            ClassifierError: the model fails on any text.

        """
        return self._future.result()

    def done(self, within_s: float) -> bool:
        """Return whether the records are classified, or failed to be; wait for that for up to this many seconds."""
        return self._future.done() or bool(wait([self._future], within_s).done)

    def still_assigned(self, current: Mapping[Partition, int]) -> set[Partition]:
        """Return the partitions of the records that have been assigned without a break since they were polled."""
        return {tp for tp in self.partitions if tp in current and current[tp] == self.assignments.get(tp)}

    @cached_property
    def partitions(self) -> set[Partition]:
        """The partitions of the records."""
        return partitions_of(self.records)


class InFlight:
    """The batches that are polled and not yet delivered, in order.

    Args:
        depth: how many there may be.
        decode: finds the tweet in a record.

    """

    def __init__(self, depth: int = 1, decode: Decode = decode) -> None:
        self._depth, self._decode = depth, decode
        self._batches: deque[Batch] = deque()
        self._pool = ThreadPoolExecutor(min(depth, _THREADS), thread_name_prefix="classify")

    def __len__(self) -> int:
        """Return how many batches are in flight."""
        return len(self._batches)

    def add(self, batch: Batch) -> None:
        """Start to classify a batch and put it last."""
        batch.start(self._pool, self._decode)
        self._batches.append(batch)

    @property
    def full(self) -> bool:
        """Whether the first batch must be finished before another one is polled."""
        return len(self._batches) >= self._depth

    def is_first_done(self, within_s: float) -> bool:
        """Return whether there is a first batch and it is classified; wait for that for up to this many seconds."""
        return bool(self._batches) and self.first.done(within_s)

    def partitions(self) -> set[Partition]:
        """Return the partitions of all records in flight."""
        return set().union(*(batch.partitions for batch in self._batches))

    def tweets_at(self, stage: str) -> int:
        """Return how many tweets a stage is classifying now; safe to call from any thread."""
        return sum(batch.progress.tweets_at(stage) for batch in self._batches.copy())

    @property
    def first(self) -> Batch:
        """The batch that was polled first."""
        return self._batches[0]

    def remove_first(self) -> None:
        """Remove the first batch: it is about to be delivered."""
        self._batches.popleft()

    def drop(self) -> list[Batch]:
        """Remove all batches and return them."""
        dropped = list(self._batches)
        self._batches.clear()
        return dropped

    def close(self) -> None:
        """Classify nothing more; do not wait for what is being classified."""
        self._pool.shutdown(wait=False, cancel_futures=True)

"""Batches in flight: classified side by side, finished one after the other, as they were polled.

While one batch is published and committed, the next ones are classified: TensorFlow and the network leave Python's
lock to others while they work. Each partition's records are finished in their order, so that what is committed is
always a prefix.
"""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from worker.cascade.cascade import ThresholdCascade
from worker.overload.controller import Batch
from worker.stream.classify import classify_batch
from worker.types import Outcome, Partition, Record, partitions_of

_THREADS = 2  # one holds Python's lock, one computes without it; of three, a batch would wait for the other two
DEPTH = 2
"""Batches in flight: one is published while the other is classified; a third made latency longer and no more speed."""

Result = tuple[Outcome, float]
"""What became of a batch, and the seconds that took."""


@dataclass(frozen=True)
class Pending:
    """A batch in flight.

    Attributes:
        records: as they were polled.
        paced: what it may spend.
        generation: of the group when they were polled.
        last_stage: of the cascade that classifies them.

    """

    records: list[Record]
    paced: Batch
    generation: int
    last_stage: str
    _future: "Future[Result]"

    def result(self) -> Result:
        """Return what became of the records, once that is known; raises what classifying them did."""
        return self._future.result()

    def settled(self) -> bool:
        """Tell whether that is known."""
        return self._future.done()

    @cached_property
    def partitions(self) -> set[Partition]:
        """What the records are of."""
        return partitions_of(self.records)


class InFlight:
    """The batches that are polled and not yet delivered.

    Args:
        depth: how many there may be.

    """

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._batches: deque[Pending] = deque()
        self._pool = ThreadPoolExecutor(min(depth, _THREADS), thread_name_prefix="classify")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._batches)

    def add(
        self,
        records: list[Record],
        cascade: ThresholdCascade,
        paced: Batch,
        generation: int,
        measured: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Have records classified as soon as there is a thread for them; in it, that is `measured`."""

        def classify() -> Result:
            start = time.perf_counter()
            with measured():
                outcome = classify_batch(records, cascade, datetime.now(UTC), paced.budget)
            return outcome, time.perf_counter() - start

        self._batches.append(
            Pending(records, paced, generation, cascade.stages[-1].name, self._pool.submit(classify))
        )  # fmt: skip

    @property
    def full(self) -> bool:
        """Whether the first batch has to be finished before another one is polled."""
        return len(self._batches) >= self._depth

    def settled(self) -> bool:
        """Tell whether there is a first batch and it is classified."""
        return bool(self._batches) and self._batches[0].settled()

    def partitions(self) -> set[Partition]:
        """Return the partitions of all their records."""
        return set().union(*(batch.partitions for batch in self._batches))

    def take(self) -> Pending:
        """Return the first batch, which is no longer one of them."""
        return self._batches.popleft()

    def drop(self) -> list[Pending]:
        """Give up all batches; return them."""
        dropped = list(self._batches)
        self._batches.clear()
        return dropped

    def close(self) -> None:
        """Classify nothing more; what is being classified is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

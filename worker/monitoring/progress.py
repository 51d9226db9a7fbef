"""Progress of partitions: for how long records have waited without being committed. Pure but for the clock.

With a backlog in several partitions kafka-python empties what it has fetched of one before it turns to the next, and
fetches again only when all is empty; a broker fills a response with some of them and begins with others at the next
request. The time that a partition waits for its turn does not count. One that is passed over ten times does not wait
for its turn: it is stuck.
"""

import time
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from worker.types import Lag, Partition

_CHANCES = 10
"""More than the requests that a broker needs to serve 200 partitions: a response of 50 MB has one of at least 50."""


class _Wait(NamedTuple):
    since: float
    """When records were last committed, or began to wait."""
    excused: float = 0.0
    """Seconds since then of waiting for the partition's turn."""
    missed: int = 0
    """How often the partition was passed over since records of it were polled."""

    def seconds(self, now: float) -> float:
        """Return the seconds without progress; a partition that is passed over again and again has no excuse."""
        return now - self.since - (self.excused if self.missed < _CHANCES else 0.0)


class PartitionProgress:
    """Measures how long each partition with waiting records has made no progress.

    Args:
        clock: monotonic seconds.

    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._at = clock, clock()
        self._waiting: dict[Partition, _Wait] = {}
        self._buffered: frozenset[Partition] = frozenset()

    def polled(
        self, lag: Lag, polled: set[Partition], earlier: Iterable[Partition], buffered: Collection[Partition]
    ) -> None:
        """Note the result of a poll.

        Args:
            lag: of the assigned partitions.
            polled: the partitions of the new records.
            earlier: the partitions of the batches that were in flight before.
            buffered: the partitions of records that are fetched and wait for a later poll.

        """
        now, buffer = self._clock(), frozenset(buffered)
        in_flight = polled.union(earlier)
        behind = {tp for tp, count in lag.items() if count or (count is None and tp in self._waiting)}
        over = self._passed_over(behind, polled, buffer)
        waiting = {}
        for tp in behind | in_flight:
            wait = self._waiting.get(tp, _Wait(now))
            excused = 0.0 if tp in in_flight | over else now - max(wait.since, self._at)
            waiting[tp] = _Wait(wait.since, wait.excused + excused, 0 if tp in polled else wait.missed + (tp in over))
        self._waiting, self._buffered, self._at = waiting, buffer, now

    def _passed_over(
        self, behind: set[Partition], polled: set[Partition], buffer: frozenset[Partition]
    ) -> set[Partition]:
        """Return the partitions whose fetched records were discarded, or that a new fetch did not bring."""
        discarded = self._buffered - buffer - polled
        fetched = not buffer or bool(buffer - self._buffered)
        return set(discarded).union(behind if fetched else ()) - buffer - polled

    def committed(self, partitions: Iterable[Partition]) -> None:
        """Note that records of the partitions are committed."""
        now = self._clock()
        self._waiting = self._waiting | dict.fromkeys(partitions, _Wait(now))  # read by another thread

    def waits(self) -> dict[Partition, float]:
        """Return, by partition, the seconds without progress; safe to call from any thread."""
        now = self._clock()
        return {tp: wait.seconds(now) for tp, wait in sorted(self._waiting.items())}

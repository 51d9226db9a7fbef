"""Liveness and readiness of the worker. Pure but for the clock; the HTTP server reads from its own thread.

Live: the main loop has made progress within the deadline, and so has each partition with waiting records. What
counts as that is in worker/monitoring/progress.py.
Ready: the artifact is loaded and warmed up, the worker is a stable member of its group of an existing topic, and a
broker answers.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from worker.monitoring.progress import PartitionProgress
from worker.types import Lag, Partition, Record, SourceStatus, partitions_of

_WAITS_FOR_BROKER, _ACKNOWLEDGED_S = {"publish", "commit"}, 30.0  # a batch under a quota takes seconds
_SILENCE_S = 10.0  # a restart of a broker, or an election, takes less


class Health:
    """Collects signs of progress and derives the health checks.

    Args:
        deadline_s: the longest time between two signs of progress.
        clock: monotonic seconds.

    """

    def __init__(self, deadline_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._deadline_s = deadline_s
        self._clock = clock
        self._operation = "starting"
        self._since = clock()
        self._progress = PartitionProgress(clock)
        self._status = SourceStatus(joined=False)
        self._loaded = self._in_group = self._stopping = False

    def begin(self, operation: str) -> None:
        """Note that the worker begins an operation."""
        self._operation, self._since = operation, self._clock()

    def loaded(self) -> None:
        """Note that the artifact is loaded and warmed up."""
        self._loaded = True

    def stopping(self) -> None:
        """Note that the worker was asked to stop; safe to call from a signal handler."""
        self._stopping = True

    def polled(
        self,
        lag: Lag,
        records: Sequence[Record],
        status: SourceStatus,
        earlier: Iterable[Partition] = (),
    ) -> None:
        """Note which partitions have records waiting or in flight, and whether the worker is part of its group.

        Args:
            lag: of the assigned partitions.
            records: that were polled.
            status: of the membership and the connection.
            earlier: the partitions of the batches that were in flight before.

        """
        self._progress.polled(lag, partitions_of(records), earlier, status.buffered)
        self._in_group = status.joined or bool(lag)
        self._status = status

    def committed(self, records: Iterable[Record]) -> None:
        """Note that the records are committed: their partitions made progress."""
        self._progress.committed(partitions_of(records))

    def liveness_problems(self) -> list[str]:
        """Return why the worker is not live; empty where it is."""
        now = self._clock()
        problems = []
        if now - self._since > self._deadline_s:
            problems.append(
                f"the main loop has made no progress for {now - self._since:.0f} s "
                f"(current operation: {self._operation})"
            )
        if self._status.silent_s > self._deadline_s:
            problems.append(self._silence())
        return problems + [
            f"{topic}-{partition} has made no progress for {seconds:.0f} s while records wait in it"
            for (topic, partition), seconds in self._progress.waits().items()
            if seconds > self._deadline_s
        ]

    def _silence(self) -> str:
        return f"no broker has answered for {self._status.silent_s:.0f} s"

    def readiness_problems(self) -> list[str]:
        """Return why the worker is not ready; empty where it is."""
        waited = self._clock() - self._since  # the status is of the last poll, before this wait
        problems = {
            f"the artifact is not loaded yet (current operation: {self._operation})": not self._loaded,
            "the worker has not joined its group yet": not self._in_group,
            "the worker is stopping": self._stopping,
            self._silence(): self._status.silent_s > _SILENCE_S,
            f"the broker has not acknowledged for {waited:.0f} s ({self._operation})": (
                self._operation in _WAITS_FOR_BROKER and waited > _ACKNOWLEDGED_S
            ),
            **{f"the input topic {topic} does not exist any more": True for topic in self._status.missing_topics},
        }
        return [problem for problem, applies in problems.items() if applies]

    def notes(self) -> list[str]:
        """Return what keeps records waiting and is not the worker's fault."""
        return [
            f"{topic}-{partition}: an open transaction of a producer has held back {held.records} records "
            f"for {held.seconds:.0f} s"
            for (topic, partition), held in sorted(self._status.held_back.items())
            if held.seconds > _SILENCE_S
        ]

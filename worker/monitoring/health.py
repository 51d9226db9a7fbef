"""Whether the worker is alive and ready. Pure but for the clock; the HTTP server asks from a thread of its own.

Alive: the loop made a step within the deadline, and no partition stands still that long while records wait in it. One
that gets nothing of a full batch waits for its turn and is not counted: with a backlog in all partitions kafka-python
empties what it fetched of one before it comes to the next.
Ready: the artefact is loaded and warmed up, and the group has given the worker partitions or has it standing by.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from worker.types import Lag, Partition, Record, partitions_of


class Health:
    """What the worker tells of itself, and what follows from it.

    Args:
        deadline_s: how long it may take from one sign of progress to the next.
        clock: seconds that never go back.

    """

    def __init__(self, deadline_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._deadline_s = deadline_s
        self._clock = clock
        self._doing = "starting"
        self._since = clock()
        self._waiting: dict[Partition, float] = {}
        self._loaded = self._in_group = self._stopping = False

    def step(self, doing: str) -> None:
        """Note that the worker has come as far as this."""
        self._doing, self._since = doing, self._clock()

    def loaded(self) -> None:
        """Note that the artefact is loaded and has classified once."""
        self._loaded = True

    def stopping(self) -> None:
        """Note that the batch in hand is the last; safe to call from a signal handler."""
        self._stopping = True

    def polled(
        self,
        lag: Lag,
        records: Sequence[Record],
        earlier: Iterable[Partition] = (),
        *,
        joined: bool,
        full: bool = False,
    ) -> None:
        """Note which partitions have records waiting or in hand, and whether the group counts this worker in.

        Args:
            lag: of the partitions that are assigned.
            records: that were polled.
            earlier: the partitions of what was in hand before.
            joined: whether the group counts this worker in.
            full: whether there are as many records as there may be.

        """
        now = self._clock()
        in_hand = partitions_of(records).union(earlier)
        behind = {tp for tp, count in lag.items() if count or (count is None and tp in self._waiting)}
        kept = {tp: since for tp, since in self._waiting.items() if tp in in_hand or not full}
        self._waiting = {tp: kept.get(tp, now) for tp in behind | in_hand}
        self._in_group = joined or bool(lag)

    def done(self, records: Iterable[Record]) -> None:
        """Note that the records are committed: their partitions have moved on."""
        now = self._clock()
        self._waiting = self._waiting | dict.fromkeys(partitions_of(records), now)  # read by another thread

    def why_not_live(self) -> list[str]:
        """Return what keeps the worker from being alive; nothing where it is."""
        now = self._clock()
        problems = []
        if now - self._since > self._deadline_s:
            problems.append(f"no step of the loop for {now - self._since:.0f} s; it is at: {self._doing}")
        return problems + [
            f"{topic}-{partition} stands still for {now - since:.0f} s while records wait in it"
            for (topic, partition), since in sorted(self._waiting.items())
            if now - since > self._deadline_s
        ]

    def why_not_ready(self) -> list[str]:
        """Return what keeps the worker from being ready; nothing where it is."""
        problems = {
            f"the artefact is not loaded yet; the worker is at: {self._doing}": not self._loaded,
            "the group has neither given it partitions nor has it standing by": not self._in_group,
            "it is stopping": self._stopping,
        }
        return [problem for problem, applies in problems.items() if applies]

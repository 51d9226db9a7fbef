"""One run: a process over a topic that is full already, measured by what comes out of it."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from benchmarks.processes import Process
from benchmarks.topics import Tail, Topics
from worker.errors import CascadeError

_PATIENCE_S = 120.0


@dataclass
class Run:
    """What came out, when, and what it cost.

    Attributes:
        times: of each record that came out, milliseconds since 1970, as the broker wrote it.
        values: the records' values, where they are kept.
        samples: (records so far, CPU seconds so far, resident MB), from time to time.
        start_s: from the start of the process to the first record.

    """

    times: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    samples: list[tuple[int, float, float]] = field(default_factory=list)
    start_s: float = 0.0

    @property
    def rate(self) -> float:
        """Records a second, from the first that came out to the last."""
        return rate(self.times)

    @property
    def cpu_us(self) -> float:
        """Microseconds of CPU a record, all threads, between the first sample with records and the last."""
        first, last = self.samples[0], self.samples[-1]
        return (last[1] - first[1]) / (last[0] - first[0]) * 1e6 if last[0] > first[0] else 0.0

    @property
    def rss_mb(self) -> float:
        """The most resident memory that was seen."""
        return max((mb for _, _, mb in self.samples), default=0.0)


def rate(times: Sequence[int]) -> float:
    """Return records a second of sorted or unsorted times in milliseconds; 0 where all are of one moment.

    The records of the first moment began before it, at a time that is not known: they are not counted.
    """
    if not times or (span := max(times) - min(times)) == 0:
        return 0.0
    first = min(times)
    return sum(moment > first for moment in times) / span * 1000


def measure(
    process: Process,
    topics: Topics,
    total: int,
    seconds: float,
    advance: Callable[[int], None],
    *,
    keep: bool = True,
) -> Run:
    """Read what comes out until it is all, or until it has come for as long; return it.

    Args:
        process: what is measured.
        topics: its own.
        total: records that are to come out.
        seconds: the longest time from the first of them on.
        advance: is told how many came, for a progress bar.
        keep: whether to keep the values.

    Raises:
        CascadeError: the process ended, or nothing comes for two minutes.
        KeyboardInterrupt: a signal came.

    """
    run = Run()
    with closing(Tail(topics.servers, topics.output)) as tail:
        deadline, began = time.monotonic() + _PATIENCE_S, None
        while len(run.times) < total and (began is None or time.monotonic() < began + seconds):
            process.check()
            if came := tail.poll():
                began = began or time.monotonic()
                deadline = time.monotonic() + _PATIENCE_S
                _take(run, came, process, keep=keep)
                advance(len(came))
            elif time.monotonic() > deadline:
                raise CascadeError(f"nothing comes out of {process.name}; it says:\n{process.last_lines()}")
    run.start_s = min(run.times) / 1000 - process.started
    return run


def _take(run: Run, came: list[tuple[int, bytes]], process: Process, *, keep: bool) -> None:
    run.times.extend(moment for moment, _ in came)
    if keep:
        run.values.extend(value for _, value in came)
    run.samples.append((len(run.times), process.cpu_seconds(), process.rss_mb()))

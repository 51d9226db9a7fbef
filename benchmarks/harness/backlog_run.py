"""A run over a backlog: one process reads a full topic and is measured by its output."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from benchmarks.harness.commands import worker_command
from benchmarks.harness.context import BenchmarkContext
from benchmarks.harness.processes import Process, running_process
from benchmarks.harness.topics import Tail, Topics, fill, new_outputs, new_topic
from benchmarks.harness.tweets import Pool
from worker.cli.console import new_console, progress_bar
from worker.errors import CascadeError

_SILENCE_S = 120.0
_CAPACITY_MESSAGES = 60_000
_CAPACITY_S = 15.0


@dataclass
class BacklogRun:
    """The output of a run, its timing and its cost.

    Attributes:
        times: time of each output record, milliseconds since 1970, as `Tail` gives it.
        values: the records' values, if they are kept.
        samples: (records so far, CPU seconds so far, resident MB) at each poll that returned records.
        start_s: seconds from the start of the process to the first record.

    """

    times: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    samples: list[tuple[int, float, float]] = field(default_factory=list)
    start_s: float = 0.0

    @property
    def rate(self) -> float:
        """Records a second, from the first output record to the last."""
        return rate_of(self.times)

    @property
    def seconds(self) -> float:
        """From the first output record to the last; 0 if all have one time, too few to measure."""
        return (max(self.times) - min(self.times)) / 1000

    @property
    def cpu_us(self) -> float:
        """Microseconds of CPU a record, of all threads, between the first sample and the last."""
        first, last = self.samples[0], self.samples[-1]
        return (last[1] - first[1]) / (last[0] - first[0]) * 1e6 if last[0] > first[0] else 0.0

    @property
    def rss_mb(self) -> float:
        """The largest resident memory of all samples."""
        return max((mb for _, _, mb in self.samples), default=0.0)


def rate_of(times: Sequence[int]) -> float:
    """Return records a second of times in milliseconds, in any order; 0 if all are equal.

    The records of the first millisecond are not counted: the time at which work on them began is not known.
    """
    if not times or (span := max(times) - min(times)) == 0:
        return 0.0
    first = min(times)
    return sum(moment > first for moment in times) / span * 1000


def measure_backlog(
    process: Process,
    topics: Topics,
    total: int,
    seconds: float,
    advance: Callable[[int], None],
    *,
    keep: bool = True,
) -> BacklogRun:
    """Read the output topic until it has all records or the time is over.

    Args:
        process: the measured process.
        topics: its topics, which no other run uses.
        total: number of records in the input topic.
        seconds: longest time from the first output record on.
        advance: called with the number of new records, for a progress bar.
        keep: whether to keep the records' values.

    Raises:
        CascadeError: the process ended, or wrote nothing for two minutes.
        KeyboardInterrupt: a signal came.

    """
    run = BacklogRun()
    with closing(Tail(topics.servers, topics.output)) as tail:
        deadline, began = time.monotonic() + _SILENCE_S, None
        while len(run.times) < total and (began is None or time.monotonic() < began + seconds):
            process.check()
            if records := tail.poll():
                began = began or time.monotonic()
                deadline = time.monotonic() + _SILENCE_S
                _add(run, records, process, keep=keep)
                advance(len(records))
            elif time.monotonic() > deadline:
                raise CascadeError(f"no output of {process.name} for {_SILENCE_S:g} s:\n{process.last_lines()}")
    run.start_s = min(run.times) / 1000 - process.started
    return run


def _add(run: BacklogRun, records: list[tuple[int, bytes]], process: Process, *, keep: bool) -> None:
    run.times.extend(moment for moment, _ in records)
    if keep:
        run.values.extend(value for _, value in records)
    run.samples.append((len(run.times), process.cpu_seconds(), process.rss_mb()))


def measure_capacity(context: BenchmarkContext, pool: Pool, flags: Sequence[str] = ()) -> float:
    """Return the tweets a second of a worker with these flags that has a backlog of the pool's tweets."""
    topics = new_outputs(context.servers, new_topic(context.servers, "tweets"))
    fill(context.servers, topics.input, pool.records(_CAPACITY_MESSAGES))
    command = worker_command(topics, context.artifact, flags=flags)
    with (
        progress_bar(new_console(stderr=True)) as progress,
        running_process("worker", command, context.folder, context.interruption) as process,
    ):
        task = progress.add_task("capacity", total=_CAPACITY_MESSAGES)
        return measure_backlog(
            process, topics, _CAPACITY_MESSAGES, _CAPACITY_S, lambda n: progress.advance(task, n), keep=False
        ).rate

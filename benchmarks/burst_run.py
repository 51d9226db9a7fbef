"""One mode of the burst benchmark: a worker under the phases' load, and the timeline of its labels."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing

from benchmarks.harness.backlog_run import measure_capacity
from benchmarks.harness.context import BenchmarkContext
from benchmarks.harness.processes import Process, running_workers
from benchmarks.harness.topics import Tail, new_outputs, new_topic
from benchmarks.load_generator.phases import LoadPhase
from benchmarks.load_generator.process import GeneratedLoad, generated_load
from benchmarks.results.scoring import Timeline, timeline
from worker.cli.console import new_console, progress_bar
from worker.errors import CascadeError

_SILENCE_S = 180.0
_FETCH_WAIT_MS = 20
_MOST_LATENESS = 0.1
"""Share of the objective."""


class BurstRun:
    """Measures workers under bursts.

    Args:
        context: with a pool of tweets whose target is known.
        objective: the workers' --latency-objective.
        objective_s: the same in seconds.

    """

    def __init__(self, context: BenchmarkContext, objective: str, objective_s: float) -> None:
        self.context, self.objective, self.objective_s = context, objective, objective_s
        self.pool = context.pool.labelled()

    def capacity(self) -> float:
        """Return the tweets a second of a worker that has a backlog and sheds nothing."""
        return measure_capacity(self.context, self.pool, self._flags("lag"))

    def measure(self, mode: str, phases: Sequence[LoadPhase]) -> Timeline:
        """Send the phases' tweets to a worker with this --on-overload; return the timeline of its labels.

        Raises:
            CascadeError: the worker or the load generator failed, or no label came for three minutes.
            KeyboardInterrupt: a signal came.

        """
        context = self.context
        topics = new_outputs(context.servers, new_topic(context.servers, "tweets"))
        with (
            progress_bar(new_console(stderr=True)) as progress,
            running_workers(context, topics, flags=self._flags(mode)) as [worker],
            closing(Tail(topics.servers, topics.output, _FETCH_WAIT_MS)) as tail,
            generated_load(context, topics.input, phases, self.pool) as load,
        ):
            task = progress.add_task(mode, total=len(load.times))
            labels = _collect(tail, worker, load, lambda n: progress.advance(task, n))
            self._warn_if_late(load.lateness_s())
        return timeline(labels, load.start, load.times, self.pool)

    def _flags(self, mode: str) -> tuple[str, ...]:
        return ("--on-overload", mode, "--latency-objective", self.objective)

    def _warn_if_late(self, lateness: float) -> None:
        if lateness > _MOST_LATENESS * self.objective_s:
            print(f"a tweet was sent {lateness:.3f} s late: the machine is too busy for this load", file=sys.stderr)


def _collect(
    tail: Tail, worker: Process, load: GeneratedLoad, advance: Callable[[int], None]
) -> list[tuple[int, bytes]]:
    labels: list[tuple[int, bytes]] = []
    deadline = time.monotonic() + _SILENCE_S
    while len(labels) < len(load.times):
        worker.check()
        load.check()
        if found := tail.poll(0.02):
            deadline = time.monotonic() + _SILENCE_S
            labels.extend(found)
            advance(len(found))
        elif time.monotonic() > deadline:
            raise CascadeError(f"only {len(labels)} of {len(load.times)} tweets were labelled:\n{worker.last_lines()}")
    return labels

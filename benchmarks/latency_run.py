"""One load of the latency benchmark: tweets at a constant rate, and the latency of each."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from benchmarks.harness.context import BenchmarkContext
from benchmarks.harness.processes import Process
from benchmarks.harness.topics import Tail, Topics
from benchmarks.load_generator.phases import LoadPhase
from benchmarks.load_generator.process import GeneratedLoad, generated_load
from benchmarks.results.linear_fit import fit_line
from worker.errors import CascadeError

PERCENTILES = {"p50_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0, "p999_ms": 99.9}
_SILENCE_S = 60.0


@dataclass
class LatencyRun:
    """Latencies and lag of a run.

    Attributes:
        latencies: milliseconds from each tweet's arrival time to its label, in the order of the labels.
        due: arrival time of each of these tweets, milliseconds since 1970.
        lag: (seconds since the start, tweets that arrived and are not labelled), sampled at each poll.
        rss_mb: the worker's resident memory, sampled with the lag.
        late_ms: largest delay of a tweet by the load generator.

    """

    latencies: list[float] = field(default_factory=list)
    due: list[float] = field(default_factory=list)
    lag: list[tuple[float, float]] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    late_ms: float = 0.0

    def since(self, start_ms: float, seconds: float) -> "LatencyRun":
        """Return the run without the tweets that arrived in the first seconds after the start."""
        pairs = zip(self.due, self.latencies, strict=True)
        kept = [(due, took) for due, took in pairs if due >= start_ms + seconds * 1000]
        lag = [(at, behind) for at, behind in self.lag if at >= seconds]
        return LatencyRun([took for _, took in kept], [due for due, _ in kept], lag, self.rss_mb, self.late_ms)

    def lag_growth(self, end_s: float) -> float:
        """Return the growth of the lag in tweets a second, by a linear fit; later than `end_s` it only shrinks."""
        points = [(at, behind) for at, behind in self.lag if at <= end_s]
        return fit_line(*zip(*points, strict=True)).slope if len(points) > 1 else 0.0


def percentiles(latencies: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and p99.9 by the inverted distribution function: each is some tweet's latency."""
    found = np.percentile(np.asarray(latencies), list(PERCENTILES.values()), method="inverted_cdf")
    return dict(zip(PERCENTILES, (float(value) for value in found), strict=True))


def measure_latency(
    context: BenchmarkContext,
    topics: Topics,
    worker: Process,
    phases: Sequence[LoadPhase],
    advance: Callable[[int], None],
) -> LatencyRun:
    """Send the phases' tweets and read labels until every tweet has one; leave out those of the first phase.

    Args:
        context: of the benchmark.
        topics: the worker's, which no other run uses.
        worker: the measured worker, ready.
        phases: the warm-up and the measured load.
        advance: called with the number of new labels, for a progress bar.

    Raises:
        CascadeError: the worker or the load generator failed, or no label came for a minute.
        KeyboardInterrupt: a signal came.

    """
    tail = Tail(topics.servers, topics.output)
    with generated_load(context, topics.input, phases, context.pool) as load, closing(tail):
        run = _read(tail, worker, load, advance)
        run.late_ms = round(load.lateness_s() * 1000, 1)
    return run.since(load.start * 1000, phases[0].seconds)


def _read(tail: Tail, worker: Process, load: GeneratedLoad, advance: Callable[[int], None]) -> LatencyRun:
    run, deadline = LatencyRun(), time.monotonic() + _SILENCE_S
    while len(run.latencies) < len(load.times):
        worker.check()
        load.check()
        labels = tail.poll()
        _add(run, labels)
        passed = time.time() - load.start
        run.lag.append((passed, max(0.0, float(load.times.searchsorted(passed)) - len(run.latencies))))
        run.rss_mb.append(worker.rss_mb())
        advance(len(labels))
        if labels:
            deadline = time.monotonic() + _SILENCE_S
        elif time.monotonic() > deadline:
            raise CascadeError(f"no label for {_SILENCE_S:g} s:\n{worker.last_lines()}")
    return run


def _add(run: LatencyRun, labels: Sequence[tuple[int, bytes]]) -> None:
    for moment, value in labels:
        due = datetime.fromisoformat(json.loads(value)["received_at"]).timestamp() * 1000
        run.due.append(due)
        run.latencies.append(moment - due)

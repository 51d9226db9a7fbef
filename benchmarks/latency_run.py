"""One phase of an open loop: tweets at a rate, and how long each took to its label."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from benchmarks.options import Bench
from benchmarks.processes import ROOT, Process, end
from benchmarks.topics import Tail, Topics
from worker.errors import CascadeError

PERCENTILES = {"p50_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0, "p999_ms": 99.9}
_LEAD_S = 3.0  # the producer needs a moment to start
_PATIENCE_S = 60.0


@dataclass
class Phase:
    """What came out.

    Attributes:
        latencies: milliseconds from when each tweet was due to when its label was written, in order of arrival.
        due: when each of these tweets was due, milliseconds since 1970.
        lag: (seconds since the start, tweets due and not labelled), from time to time.
        rss_mb: the worker's, at the same times.
        late_ms: by how much the producer's latest tweet was late.

    """

    latencies: list[float] = field(default_factory=list)
    due: list[float] = field(default_factory=list)
    lag: list[tuple[float, float]] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    late_ms: float = 0.0


def percentiles(latencies: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and p99.9 of milliseconds, each one that some tweet had."""
    found = np.percentile(np.asarray(latencies), list(PERCENTILES.values()), method="inverted_cdf")
    return dict(zip(PERCENTILES, (float(value) for value in found), strict=True))


def phase(
    bench: Bench, topics: Topics, worker: Process, rate: float, seconds: float, advance: Callable[[int], None]
) -> Phase:
    """Send tweets at the rate for as long, and read labels until all have one.

    The topics are the phase's own: labels of another one would be taken for its.

    Raises:
        CascadeError: the worker or the producer ended, or no label comes for a minute.
        KeyboardInterrupt: a signal came.

    """
    found, start, total = Phase(), time.time() + _LEAD_S, max(1, round(rate * seconds))
    producer = _producer(bench, topics, rate, seconds, start)
    try:
        with closing(Tail(topics.servers, topics.output)) as tail:
            _read(found, tail, worker, (start, rate, total), advance)
        said, _ = producer.communicate(timeout=_PATIENCE_S)
    finally:
        end(producer)
    if producer.returncode:
        raise CascadeError(f"the producer ended with exit code {producer.returncode}")
    found.late_ms = float(said)
    return found


def _producer(bench: Bench, topics: Topics, rate: float, seconds: float, start: float) -> "subprocess.Popen[bytes]":
    command = [
        *(sys.executable, "-m", "benchmarks.load", "--servers", topics.servers, "--topic", topics.input),
        *("--rate", str(rate), "--seconds", str(seconds), "--start", str(start)),
        *(["--tweets", str(bench.tweets.resolve())] if bench.tweets else []),
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)


def _read(
    found: Phase, tail: Tail, worker: Process, plan: tuple[float, float, int], advance: Callable[[int], None]
) -> None:
    start, rate, total = plan
    deadline = time.monotonic() + _LEAD_S + _PATIENCE_S
    while len(found.latencies) < total:
        worker.check()
        came = tail.poll()
        for moment, value in came:
            due = datetime.fromisoformat(json.loads(value)["received_at"]).timestamp() * 1000
            found.due.append(due)
            found.latencies.append(moment - due)
        passed = time.time() - start
        found.lag.append((passed, max(0.0, min(total, rate * passed) - len(found.latencies))))
        found.rss_mb.append(worker.rss_mb())
        advance(len(came))
        if came:
            deadline = time.monotonic() + _PATIENCE_S
        elif time.monotonic() > deadline:
            raise CascadeError(f"no labels come any more; the worker says:\n{worker.last_lines()}")

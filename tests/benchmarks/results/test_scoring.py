"""Scores and timelines."""

import json

import numpy as np

from benchmarks.harness.tweets import Pool
from benchmarks.load_generator.phases import LoadPhase
from benchmarks.results.scoring import late_until, phase_rows, score, timeline

PHASES = [LoadPhase("before", 10.0, 100.0), LoadPhase("burst", 5.0, 1000.0)]
POOL = Pool("two", ["a", "b", "c"], [1, 0])


def label(n: int, target: int, *, shed: bool = False) -> bytes:
    """Return a label as JSON."""
    return json.dumps({"id": n, "target": target, "shed": shed}).encode()


def test_each_text_is_scored_once_and_each_label_counts_for_deferral() -> None:
    """A fast system labels a text many times; its accuracy is over the same texts as a slow one's."""
    pool = Pool("two", ["fire", "tea", "more"], [1, 0])
    labels = [(0, 1, "baseline"), (1, 1, "use"), (3, 1, "baseline"), (2, 1, "baseline")]
    values = [json.dumps({"id": n, "target": target, "stage": stage}).encode() for n, target, stage in labels]
    assert score(values, pool, "use") == (0.5, 2, 0.25)
    assert score([b'{"id": 0, "text": "an echo"}'], pool, "use") == (None, 0, None)


def test_latency_counts_from_the_arrival_time() -> None:
    """A late generator hides no latency, the first of two labels counts, and a tweet belongs to its own phase."""
    arrival = np.array([1.0, 2.0, 11.0])
    labels = [(101_500, label(0, 1)), (102_250, label(1, 1)), (104_000, label(1, 0)), (114_000, label(2, 1, shed=True))]
    line = timeline(labels, 100.0, arrival, POOL.labelled())
    assert line.latency.tolist() == [0.5, 0.25, 3.0]
    before, burst = phase_rows("shed", line, PHASES, 1.0)
    counted = ("tweets", "accuracy", "shed_share", "max_s", "most_waiting")
    assert [before[name] for name in counted] == [2, 0.5, 0, 0.5, 1]
    assert [burst[name] for name in ("tweets", "accuracy", "shed_share", "within_objective")] == [1, 1, 1, 0]
    assert late_until(line, 1.0) == 14.0
    assert late_until(line, 5.0) == 0.0

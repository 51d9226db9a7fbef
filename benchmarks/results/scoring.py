"""Scores of labels: accuracy, deferral, and latency over time. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness.tweets import Pool
from benchmarks.load_generator.phases import LoadPhase, phase_starts
from benchmarks.results.output import TableRow
from worker.types import Floats

_BACKLOG_STEP_S = 0.05


class Score(NamedTuple):
    """Accuracy and deferral of a run's labels."""

    accuracy: float | None
    """Of the labelled texts whose target is known; None if there are none."""
    scored: int
    """Number of these texts, each counted once."""
    deferred_share: float | None
    """Share of all labels that the last stage decided; None if the output has no labels."""


def score(values: Sequence[bytes], pool: Pool, last_stage: str) -> Score:
    """Score labels, given as JSON; each different text counts once."""
    labels = [label for value in values if "target" in (label := json.loads(value))]
    if not labels:
        return Score(None, 0, None)
    correct = {truth[0]: label["target"] == truth[1] for label in labels if (truth := pool.truth(label["id"]))}
    accuracy = sum(correct.values()) / len(correct) if correct else None
    return Score(accuracy, len(correct), sum(label["stage"] == last_stage for label in labels) / len(labels))


@dataclass(frozen=True)
class Timeline:
    """The tweets of an open-loop run in order of arrival; arrays of shape (n,), times in seconds from the start.

    Attributes:
        arrival: arrival time of each tweet.
        labelled: time of its label.
        shed: whether it was shed.
        correct: 1 if its label is correct, else 0.

    """

    arrival: Floats
    labelled: Floats
    shed: NDArray[np.bool_]
    correct: Floats

    @property
    def latency(self) -> Floats:
        """Seconds from each tweet's arrival to its label."""
        return self.labelled - self.arrival

    def backlog(self, moments: Floats) -> NDArray[np.intp]:
        """Return the number of tweets that had arrived and had no label yet, at each of these times."""
        return np.searchsorted(self.arrival, moments) - np.searchsorted(np.sort(self.labelled), moments)


def timeline(labels: Sequence[tuple[int, bytes]], start: float, arrival: Floats, pool: Pool) -> Timeline:
    """Match labels to the tweets that were sent.

    Args:
        labels: time in milliseconds since 1970 and value of each label; of several for one tweet the first counts.
        start: seconds since 1970.
        arrival: arrival time of each tweet in seconds from the start, shape (n,).
        pool: the tweets' texts, all with a known target.

    """
    labelled, correct = np.full(len(arrival), np.nan), np.zeros(len(arrival))
    shed = np.zeros(len(arrival), dtype=np.bool_)
    for moment, value in reversed(labels):
        label = json.loads(value)
        n = label["id"]
        labelled[n], shed[n] = moment / 1000 - start, label["shed"]
        correct[n] = label["target"] == pool.targets[n % len(pool.targets)]
    return Timeline(arrival, labelled, shed, correct)


def phase_rows(mode: str, line: Timeline, phases: Sequence[LoadPhase], objective_s: float) -> list[TableRow]:
    """Return a row for each phase; a tweet belongs to the phase in which it arrived."""
    return [
        {"name": mode, "phase": phase.name, **_figures(line, start, start + phase.seconds, objective_s)}
        for phase, start in zip(phases, phase_starts(phases), strict=True)
    ]


def _figures(line: Timeline, start: float, end: float, objective_s: float) -> TableRow:
    inside = (start <= line.arrival) & (line.arrival < end)
    latency = line.latency[inside]
    p50, p95, p99 = np.quantile(latency, (0.5, 0.95, 0.99)).tolist()
    return {
        "tweets": int(inside.sum()),
        "sent_per_second": float(inside.sum() / (end - start)),
        "accuracy": float(line.correct[inside].mean()),
        "shed_share": float(line.shed[inside].mean()),
        "p50_s": p50,
        "p95_s": p95,
        "p99_s": p99,
        "max_s": float(latency.max()),
        "within_objective": float((latency <= objective_s).mean()),
        "most_waiting": int(line.backlog(np.arange(start, end, _BACKLOG_STEP_S)).max()),
    }


def late_until(line: Timeline, objective_s: float) -> float:
    """Return the time of the last label that took longer than the objective; 0 if none did."""
    late = line.latency > objective_s
    return float(line.labelled[late].max()) if late.any() else 0.0

"""What became of tweets that were sent at known times. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.schedule import Phase, starts
from benchmarks.tweets import Pool
from worker.types import Floats

Row = dict[str, object]


def known(pool: Pool) -> Pool:
    """Return the tweets whose truth is known."""
    return Pool(pool.name, pool.texts[: len(pool.targets)], pool.targets, pool.sha256)


@dataclass(frozen=True)
class Timeline:
    """A tweet an item, in the order they were sent in; seconds from the beginning.

    Attributes:
        sent: when each was to be sent.
        out: when its label was there.
        shed: whether it says so.
        right: 1 where the label is right, 0 where it is wrong.

    """

    sent: Floats
    out: Floats
    shed: NDArray[np.bool_]
    right: Floats

    @property
    def latency(self) -> Floats:
        """Seconds from the time a tweet was to be sent to its label."""
        return self.out - self.sent

    def waiting(self, moments: Floats) -> NDArray[np.intp]:
        """Return how many tweets were sent and had no label yet, at each of these moments."""
        return np.searchsorted(self.sent, moments) - np.searchsorted(np.sort(self.out), moments)


def timeline(came: Sequence[tuple[int, bytes]], begin: float, sent: Floats, pool: Pool) -> Timeline:
    """Return what became of the tweets.

    Args:
        came: when each label was there, in milliseconds since 1970, and its value; a second label is passed over.
        begin: of the sending, seconds since 1970.
        sent: when each was to be sent, seconds from there.
        pool: where the tweets are from, all of known truth.

    """
    out, shed, right = np.full(len(sent), np.nan), np.zeros(len(sent), dtype=np.bool_), np.zeros(len(sent))
    for moment, value in reversed(came):
        label = json.loads(value)
        n = label["id"]
        out[n], shed[n] = moment / 1000 - begin, label["shed"]
        right[n] = label["target"] == pool.targets[n % len(pool.targets)]
    return Timeline(sent, out, shed, right)


def rows(mode: str, line: Timeline, phases: Sequence[Phase], objective_s: float) -> list[Row]:
    """Return a row for each phase; a tweet belongs to the one it was sent in."""
    begins = starts(phases)
    return [
        {"name": mode, "phase": phase.name, **_figures(line, begin, begin + phase.seconds, objective_s)}
        for phase, begin in zip(phases, begins, strict=True)
    ]


def _figures(line: Timeline, begin: float, end: float, objective_s: float) -> Row:
    inside = (begin <= line.sent) & (line.sent < end)
    latency = line.latency[inside]
    p50, p95, p99 = np.quantile(latency, (0.5, 0.95, 0.99)).tolist()
    return {
        "tweets": int(inside.sum()),
        "sent_per_second": float(inside.sum() / (end - begin)),
        "accuracy": float(line.right[inside].mean()),
        "shed_share": float(line.shed[inside].mean()),
        "p50_s": p50,
        "p95_s": p95,
        "p99_s": p99,
        "max_s": float(latency.max()),
        "within_objective": float((latency <= objective_s).mean()),
        "most_waiting": int(line.waiting(np.arange(begin, end, 0.05)).max()),
    }


def late_until(line: Timeline, objective_s: float) -> float:
    """Return when the last tweet that took longer than the objective had its label; 0 where none did."""
    late = line.latency > objective_s
    return float(line.out[late].max()) if late.any() else 0.0

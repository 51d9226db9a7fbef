"""The ladder: levels from the bands as trained up to asking the last stage about everything. Pure.

Each level widens the bands of the level before. The first stage's band comes first, in quarters of the way from its
ends to 0 and 1, until the stage decides nothing; then that of the second stage, and so on: the earliest stage is the
cheapest to do without. At the top, every tweet reaches the last stage.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from worker.cascade.stage import Stage
from worker.types import Bools, Floats

_STEPS = 4


class Outcomes(NamedTuple):
    """What would happen to tweets at each level, shape (tweets, levels)."""

    early: Bools
    """Whether a stage before the last one decides the tweet."""
    overruled: Bools
    """Whether one does, and the last stage would decide otherwise."""


class Ladder:
    """The levels of a cascade.

    Args:
        stages: of the cascade, the last one included.

    Attributes:
        widths: from 0, as trained, to 1, where the stage decides nothing; shape (levels, stages - 1).
        low: lower ends of the bands, same shape; minus infinity at width 1.
        high: upper ends.

    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        bands = [(s.band.low, s.band.high) if s.band else (0.5, 0.5) for s in stages[:-1]]
        low, high = np.array(bands, dtype=np.float64).reshape(-1, 2).T
        steps = np.arange(_STEPS * len(bands) + 1)[:, np.newaxis] - _STEPS * np.arange(len(bands))
        self.widths = np.clip(steps / _STEPS, 0.0, 1.0)
        self.low = np.where(self.widths < 1, low * (1 - self.widths), -np.inf)
        self.high = np.where(self.widths < 1, high + (1 - high) * self.widths, np.inf)

    @property
    def top(self) -> int:
        """The level at which the last stage decides everything; 0 for a single stage."""
        return len(self.widths) - 1

    def outcomes(self, probabilities: Floats) -> Outcomes:
        """Return what would happen to tweets at each level.

        Args:
            probabilities: P(disaster) by each stage, shape (tweets, stages).

        """
        p = probabilities[:, np.newaxis, :-1]
        decides: Bools = np.asarray((p <= self.low) | (p >= self.high))
        early: Bools = np.asarray(decides.any(axis=2))
        first = decides.argmax(axis=2)
        target = np.take_along_axis(probabilities >= 0.5, first, axis=1)
        return Outcomes(early, early & (target != (probabilities[:, -1:] >= 0.5)))

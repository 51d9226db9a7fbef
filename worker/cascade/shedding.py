"""Shedding: limit deferrals to what a batch's budget pays for. Pure.

A cascade defers the tweets inside a stage's band. Under overload a batch has a budget of seconds for the stages after
the first, and only the tweets nearest to the band's middle, of which the stage is least certain, are deferred. The
others keep the stage's decision and are marked as shed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from schemas import Band
from worker.types import Floats

UNDECIDED = Band(low=0.5, high=0.5)
"""The middle of the band of a stage without one."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that a stage call takes: `fixed`, plus `each` for every tweet."""

    fixed: float = 0.0
    each: float = 0.0

    def seconds(self, tweets: float) -> float:
        """Return the seconds of a call with this many tweets; 0 without tweets, since there is no call then."""
        return self.fixed + self.each * tweets if tweets else 0.0

    def tweets(self, seconds: float, most: int) -> int:
        """Return how many tweets, at most `most`, a call of at most these seconds may have."""
        left = seconds - self.fixed
        if left < 0 or not most:
            return 0
        return most if self.each * most <= left else int(left / self.each)


_FREE = Cost()


@dataclass(frozen=True, slots=True)
class Budget:
    """The computing time that a batch may spend on the stages after the first.

    Args:
        seconds: negative counts as 0.
        costs: of a call of each stage, by its name; a stage without an entry is free.

    """

    seconds: float
    costs: Mapping[str, Cost]

    def admits(self, stage: str, wanted: int) -> int:
        """Return how many of the wanted deferrals to a stage the budget pays for."""
        return self.costs.get(stage, _FREE).tweets(self.seconds, wanted)

    def less(self, stage: str, tweets: int) -> "Budget":
        """Return the budget that remains after deferring this many tweets to a stage."""
        return replace(self, seconds=self.seconds - self.costs.get(stage, _FREE).seconds(tweets))


def least_certain(p: Floats, band: Band, most: int) -> NDArray[np.bool_]:
    """Return a mask, shape (n,), of the `most` probabilities nearest to the band's middle; ties go to the first."""
    if most >= len(p):
        return np.ones(len(p), dtype=np.bool_)
    if most <= 0:
        return np.zeros(len(p), dtype=np.bool_)
    distance = np.abs(p - (band.low + band.high) / 2)
    last = np.partition(distance, most - 1)[most - 1]
    chosen: NDArray[np.bool_] = distance < last
    chosen[np.flatnonzero(distance == last)[: most - int(chosen.sum())]] = True
    return chosen

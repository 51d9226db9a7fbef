"""Which tweets go on to the next stage where there is no time for all that should. Pure.

A cascade defers what is inside of a stage's band. Under overload a batch has a budget of seconds for the stages after
the first, and the band narrows to what that pays for: the tweets nearest to its middle, those the stage is least
certain of, go on. The others keep the stage's word and are marked as shed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from schemas import Band
from worker.types import Floats


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that a call takes: `fixed`, and `each` for a tweet."""

    fixed: float = 0.0
    each: float = 0.0

    def seconds(self, tweets: float) -> float:
        """Return what a call with so many tweets takes; nothing for none, since there is no call then."""
        return self.fixed + self.each * tweets if tweets else 0.0

    def tweets(self, seconds: float, most: int) -> int:
        """Return how many tweets, `most` at most, a call may have that takes no longer."""
        left = seconds - self.fixed
        if left < 0 or not most:
            return 0
        return most if self.each * most <= left else int(left / self.each)


_FREE = Cost()


@dataclass(frozen=True, slots=True)
class Budget:
    """What a batch may spend on the stages after the first.

    Args:
        seconds: of computing; below zero is nothing.
        costs: of a call of each stage, by its name; a stage that is not there is free.

    """

    seconds: float
    costs: Mapping[str, Cost]

    def admits(self, stage: str, wanted: int) -> int:
        """Return how many of the tweets that want to get to a stage may."""
        return self.costs.get(stage, _FREE).tweets(self.seconds, wanted)

    def less(self, stage: str, tweets: int) -> "Budget":
        """Return what is left of it after so many tweets at a stage."""
        return replace(self, seconds=self.seconds - self.costs.get(stage, _FREE).seconds(tweets))

    def part(self, share: float) -> "Budget":
        """Return the budget of a part of the batch."""
        return replace(self, seconds=self.seconds * share)


def least_certain(p: Floats, band: Band, most: int) -> NDArray[np.bool_]:
    """Mark the `most` probabilities, of shape (n,), nearest to a band's middle; of equals, those that came first."""
    if most >= len(p):
        return np.ones(len(p), dtype=np.bool_)
    if most <= 0:
        return np.zeros(len(p), dtype=np.bool_)
    distance = np.abs(p - (band.low + band.high) / 2)
    last = np.partition(distance, most - 1)[most - 1]
    chosen: NDArray[np.bool_] = distance < last
    chosen[np.flatnonzero(distance == last)[: most - int(chosen.sum())]] = True
    return chosen

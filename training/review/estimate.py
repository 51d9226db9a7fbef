"""What the random share of a review says of the whole stream. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

CONFIDENCE = 0.95


class Share(NamedTuple):
    """A share, estimated from a simple random sample."""

    hits: int
    sampled: int
    low: float
    """Lower end of the 95 % interval (Clopper and Pearson 1934)."""
    high: float

    @property
    def value(self) -> float:
        """The estimate; it is not biased."""
        return self.hits / self.sampled

    def __str__(self) -> str:
        """Return the share with its interval.

        >>> print(share([True] * 45 + [False] * 5))
        90.0 % (95 % interval 78.2 to 96.7 %, 50 tweets)
        """
        low, high = 100 * self.low, 100 * self.high
        return f"{100 * self.value:.1f} % (95 % interval {low:.1f} to {high:.1f} %, {self.sampled:,} tweets)"


def share(found: Sequence[bool]) -> Share | None:
    """Return the share of True in a random sample with its exact interval; None of an empty sample."""
    if not len(found):
        return None
    hits = int(np.count_nonzero(found))
    interval = binomtest(hits, len(found)).proportion_ci(CONFIDENCE, method="exact")
    return Share(hits, len(found), float(interval.low), float(interval.high))

"""Drift of the first stage's probabilities from those of the training tweets."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from worker.types import Floats

WINDOW = 10_000
_LEAST_OBSERVED = 1_000  # with fewer, chance alone makes a difference
_LEAST_SHARE = 1e-4  # an empty bin is not infinitely unlikely


class Drift:
    """Compares the first stage's latest probabilities with the training histogram.

    Args:
        expected: shares of the training tweets in bins of equal width from 0 to 1.
        window: how many of the latest probabilities are compared, at least, once there are so many.

    """

    def __init__(self, expected: Sequence[float], window: int = WINDOW) -> None:
        self._expected = np.asarray(expected, dtype=np.float64)
        self._window = window
        self._batches: deque[Floats] = deque()
        self._counts = np.zeros(len(expected))

    def observe(self, p: Floats) -> None:
        """Add a batch's probabilities, shape (n,); drop the oldest batches that the window no longer needs."""
        bins = len(self._expected)
        counts = np.bincount(np.minimum((p * bins).astype(int), bins - 1), minlength=bins).astype(np.float64)
        self._batches.append(counts)
        self._counts += counts
        while self._counts.sum() - self._batches[0].sum() >= self._window:
            self._counts -= self._batches.popleft()

    @property
    def index(self) -> float:
        """The population stability index; NaN before a thousand probabilities were observed."""
        observed = self._counts.sum()
        enough = observed >= _LEAST_OBSERVED
        return stability_index(self._expected, self._counts / observed) if enough else float("nan")


def stability_index(expected: Floats, observed: Floats) -> float:
    """Return the population stability index of two distributions over the same bins, shares that add up to 1.

    It is the sum of both Kullback-Leibler divergences: 0 for equal distributions, below 0.1 little, above 0.25 another
    population by the usual rule of credit scoring (Siddiqi 2006).
    """
    e, o = np.maximum(expected, _LEAST_SHARE), np.maximum(observed, _LEAST_SHARE)
    return float(((o - e) * np.log(o / e)).sum())

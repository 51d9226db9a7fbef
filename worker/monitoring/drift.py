"""Whether the tweets are still like those that were trained on."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from worker.types import Floats

WINDOW = 10_000
_FEWEST = 1_000  # of fewer, chance alone makes a difference
_LEAST_SHARE = 1e-4  # an empty bin is not infinitely unlikely


class Drift:
    """Compares the latest probabilities of the first stage's classifier with those of the training tweets.

    Args:
        expected: shares of the training tweets in bins of equal width from 0 to 1.
        window: how many of the latest probabilities are compared, at least, once there are so many.

    """

    def __init__(self, expected: Sequence[float], window: int = WINDOW) -> None:
        self._expected = np.asarray(expected, dtype=np.float64)
        self._window = window
        self._batches: deque[Floats] = deque()
        self._counts = np.zeros(len(expected))

    def saw(self, p: Floats) -> None:
        """Take in the probabilities of a batch, shape (n,), and forget what the window no longer needs."""
        bins = len(self._expected)
        counts = np.bincount(np.minimum((p * bins).astype(int), bins - 1), minlength=bins).astype(np.float64)
        self._batches.append(counts)
        self._counts += counts
        while self._counts.sum() - self._batches[0].sum() >= self._window:
            self._counts -= self._batches.popleft()

    @property
    def index(self) -> float:
        """The population stability index; not a number before a thousand probabilities were seen."""
        seen = self._counts.sum()
        return stability_index(self._expected, self._counts / seen) if seen >= _FEWEST else float("nan")


def stability_index(expected: Floats, observed: Floats) -> float:
    """Return the population stability index of two distributions over the same bins, shares that add up to 1.

    It is the Kullback-Leibler divergence either way, added up: 0 for the same, below 0.1 little, above 0.25 another
    population by the usual rule of credit scoring (Siddiqi 2006).
    """
    e, o = np.maximum(expected, _LEAST_SHARE), np.maximum(observed, _LEAST_SHARE)
    return float(((o - e) * np.log(o / e)).sum())

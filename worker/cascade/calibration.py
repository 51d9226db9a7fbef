"""Calibration: one probability from those of several classifiers.

Platt scaling of one classifier, stacking (Wolpert 1992) of several: a logistic regression on the log-odds of each.
"""

import numpy as np

from schemas import Blend
from worker.types import Floats

_EPSILON = 1e-6  # no classifier decides alone


def blend(how: Blend, probabilities: Floats) -> Floats:
    """Return P(disaster), shape (n,), from the classifiers' probabilities, shape (n, classifiers)."""
    return logistic(log_odds(probabilities) @ np.asarray(how.weights) + how.bias)


def log_odds(probabilities: Floats) -> Floats:
    """Return ln(p / (1 - p)) of each p, of the same shape, finite for 0 and 1 too."""
    p = np.clip(probabilities, _EPSILON, 1 - _EPSILON)
    return np.asarray(np.log(p) - np.log1p(-p))


def logistic(z: Floats) -> Floats:
    """Return the probabilities of these log-odds, without overflow for large ones."""
    return np.asarray(np.exp(-np.logaddexp(0, -z)))

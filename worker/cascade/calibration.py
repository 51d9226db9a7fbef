"""Calibration: one probability from those of several classifiers.

Platt scaling of one classifier, stacking (Wolpert 1992) of several: a logistic regression on the log-odds of each.
"""

import numpy as np

from schemas import Blend
from worker.types import Floats

_EPSILON = 1e-6  # no classifier decides alone


def blend(how: Blend, probabilities: Floats) -> Floats:
    """Return P(disaster), shape (n,), from the classifiers' probabilities, shape (n, classifiers).

    A classifier that cannot read a text has NaN there, and is left out: the blend of the others is taken.

    >>> alone = Blend(weights=[1.0, 0.0], bias=0.0)
    >>> both = Blend(weights=[0.5, 2.0], bias=0.0, without={1: alone})
    >>> blend(both, np.array([[0.9, 0.9], [0.9, np.nan]])).round(3)
    array([0.996, 0.9  ])
    """
    unread = np.isnan(probabilities).any(axis=1)
    if not unread.any():
        return logistic(log_odds(probabilities) @ np.asarray(how.weights) + how.bias)
    found = np.full(len(probabilities), np.nan)
    found[~unread] = blend(how, probabilities[~unread])
    for classifier, others in how.without.items():
        rows = np.isnan(probabilities[:, classifier])
        rest = probabilities[rows]
        rest[:, classifier] = 0.5  # has the factor 0
        found[rows] = blend(others, rest)
    return found


def log_odds(probabilities: Floats) -> Floats:
    """Return ln(p / (1 - p)) of each p, of the same shape, finite for 0 and 1 too."""
    p = np.clip(probabilities, _EPSILON, 1 - _EPSILON)
    return np.asarray(np.log(p) - np.log1p(-p))


def logistic(z: Floats) -> Floats:
    """Return the probabilities of these log-odds, without overflow for large ones."""
    return np.asarray(np.exp(-np.logaddexp(0, -z)))

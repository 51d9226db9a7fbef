"""Calibration: one probability from those of several classifiers.

Beta calibration (Kull, Silva Filho and Flach 2017) of one classifier, stacking (Wolpert 1992) of several: a logistic
regression on ln p and -ln(1 - p) of each. Unlike a regression on log-odds, it can have a floor on one side only: a
tenth of the tweets that look least like a disaster are labelled as one.
"""

import numpy as np

from schemas import Blend
from worker.types import Floats

_EPSILON = 1e-6  # no classifier decides alone


def blend(how: Blend, probabilities: Floats) -> Floats:
    """Return P(disaster), shape (n,), from the classifiers' probabilities, shape (n, classifiers)."""
    return logistic(evidence(probabilities) @ np.asarray(how.weights).ravel() + how.bias)


def evidence(probabilities: Floats) -> Floats:
    """Return ln p and -ln(1 - p) of each classifier's p in turn, shape (n, 2 classifiers), all finite."""
    p = bounded(probabilities)
    return np.stack([np.log(p), -np.log1p(-p)], axis=2).reshape(len(p), 2 * p.shape[1])


def bounded(p: Floats) -> Floats:
    """Clip the probabilities away from 0 and 1, where their logarithms would be infinite."""
    return np.clip(p, _EPSILON, 1 - _EPSILON)


def logistic(z: Floats) -> Floats:
    """Return the probabilities of these log-odds, without overflow for large ones."""
    return np.asarray(np.exp(-np.logaddexp(0, -z)))

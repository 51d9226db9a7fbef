"""One probability of several classifiers', calibrated.

Beta calibration (Kull, Silva Filho and Flach 2017) of one classifier, stacking (Wolpert 1992) of several: a logistic
regression on ln p and -ln(1 - p) of each. Unlike one on log-odds, it can have a floor on one side alone: a tenth of
the tweets that look least like a disaster are labelled one.
"""

import numpy as np

from schemas import Blend
from worker.types import Floats

_SUREST = 1e-6  # no classifier's word may be final


def blend(how: Blend, said: Floats) -> Floats:
    """Return P(disaster), shape (n,), of what the classifiers said, shape (n, classifiers)."""
    return logistic(evidence(said) @ np.asarray(how.weights).ravel() + how.bias)


def evidence(said: Floats) -> Floats:
    """Return ln p and -ln(1 - p) of each classifier's p in turn, shape (n, 2 classifiers), all finite."""
    p = bounded(said)
    return np.stack([np.log(p), -np.log1p(-p)], axis=2).reshape(len(p), 2 * p.shape[1])


def bounded(p: Floats) -> Floats:
    """Return the probabilities without zeros and ones, whose logarithms would be infinite."""
    return np.clip(p, _SUREST, 1 - _SUREST)


def logistic(z: Floats) -> Floats:
    """Return the probabilities of these log-odds, without overflow for those far from 0."""
    return np.asarray(np.exp(-np.logaddexp(0, -z)))

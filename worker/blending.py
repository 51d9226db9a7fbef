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
    z = evidence(said) @ np.asarray(how.weights).ravel() + how.bias
    return np.asarray(np.exp(-np.logaddexp(0, -z)))  # the logistic function, also of numbers far from 0


def evidence(said: Floats) -> Floats:
    """Return ln p and -ln(1 - p) of each classifier's p in turn, shape (n, 2 classifiers), all finite."""
    p = np.clip(said, _SUREST, 1 - _SUREST)
    return np.stack([np.log(p), -np.log1p(-p)], axis=2).reshape(len(p), 2 * p.shape[1])

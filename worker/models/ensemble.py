"""Ensemble: several classifiers combined into one."""

from collections.abc import Sequence

import numpy as np

from schemas import Combiner
from worker.cascade.calibration import log_odds, logistic
from worker.types import Classifier, Floats


class Ensemble:
    """A classifier that combines the probabilities of its members."""

    def __init__(self, members: Sequence[Classifier], combiner: Combiner) -> None:
        self.classes_ = np.array([0, 1])
        self._members = members
        self._combiner = combiner

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        p = combine(self._combiner, np.column_stack([member.predict_proba(texts)[:, 1] for member in self._members]))
        return np.column_stack([1 - p, p])


def combine(combiner: Combiner, p: Floats) -> Floats:
    """Return the ensemble's P(disaster), shape (n,).

    `average`: the mean of the members' probabilities. `vote`: the share of members that say disaster. `stacking`
    (Wolpert 1992): a logistic regression on the members' log-odds.

    Args:
        combiner: the method, and its weights.
        p: P(disaster) by each member, shape (n, members).

    """
    if combiner.how == "average":
        return np.asarray(p.mean(axis=1))
    if combiner.how == "vote":
        return np.asarray((p >= 0.5).mean(axis=1))
    return logistic(log_odds(p) @ np.asarray(combiner.weights) + combiner.bias)

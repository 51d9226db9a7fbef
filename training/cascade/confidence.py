"""Confidence bounds on the cascade's loss of F1 and on proportions. Pure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from training.data.dataset import Targets
from worker.types import Floats

CONFIDENCE = 0.95
_RESAMPLES = 4000

Bools = NDArray[np.bool_]


class Difference(NamedTuple):
    """A difference of two F1 scores and its one-sided lower bounds."""

    value: float
    low: float
    """With 95 % confidence."""
    adjusted_low: float
    """With 95 % confidence for all hypotheses together (Bonferroni)."""


def f1_difference(
    targets: Targets, predicted: Bools, reference: Bools, seed: int = 0, hypotheses: int = 1
) -> Difference:
    """Return the weighted F1 less the reference's, with its lower bounds by a paired bootstrap (Efron 1979).

    A tweet enters only with its target and the two predictions, so it is one of eight kinds. Resampling tweets is
    therefore drawing the counts of the eight kinds from a multinomial distribution.

    Args:
        targets: 0 or 1, shape (n,).
        predicted: whether the cascade predicts a disaster, shape (n,).
        reference: whether the reference does, for the same tweets.
        seed: of the resampling.
        hypotheses: how many are tested, for the adjusted bound.

    """
    kinds = targets * 4 + predicted * 2 + reference
    counts = np.bincount(kinds, minlength=8)
    resampled = np.random.default_rng(seed).multinomial(len(targets), counts / len(targets), _RESAMPLES)
    error = 1 - CONFIDENCE
    low, adjusted_low = np.quantile(_difference(resampled), [error, error / hypotheses]).tolist()
    return Difference(float(_difference(counts[np.newaxis])[0]), low, adjusted_low)


def upper_bound(hits: int, trials: int) -> float:
    """Return the one-sided 95 % upper bound of a proportion (Clopper and Pearson 1934); 1 without trials.

    It is the exact one. Wilson's is too low for few hits: 2.6 % for 0 of 100, where the exact bound is 3.0 %.
    """
    if not trials:
        return 1.0
    bound = binomtest(hits, trials, alternative="less").proportion_ci(CONFIDENCE, method="exact")
    return float(bound.high)


def lower_bound(hits: int, trials: int, hypotheses: int = 1) -> float:
    """Return the one-sided 95 % lower bound of a proportion (Clopper and Pearson 1934); 0 without trials.

    The confidence holds for all of the hypotheses together (Bonferroni).
    """
    if not trials:
        return 0.0
    confidence = 1 - (1 - CONFIDENCE) / hypotheses
    bound = binomtest(hits, trials, alternative="greater").proportion_ci(confidence, method="exact")
    return float(bound.low)


def _difference(counts: NDArray[np.int64]) -> Floats:
    """Return the difference of F1 for each row of counts, shape (m, 8)."""
    table = counts.reshape(-1, 2, 2, 2).astype(np.float64)  # target, predicted, reference
    return weighted_f1(table.sum(axis=3)) - weighted_f1(table.sum(axis=2))


def weighted_f1(confusion: Floats) -> Floats:
    """Return the F1 weighted by class size of each confusion matrix, shape (m, target, predicted)."""
    correct = np.diagonal(confusion, axis1=1, axis2=2)
    actual, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
    f1 = 2 * correct / np.maximum(actual + predicted, 1)
    return np.asarray((f1 * actual).sum(axis=1) / actual.sum(axis=1))

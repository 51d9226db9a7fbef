"""Metrics of predictions, with intervals. Pure."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, precision_recall_fscore_support, roc_auc_score

from worker.types import Floats

_RESAMPLES = 2000
_BINS = 10


def scores(targets: ArrayLike, predicted: ArrayLike) -> dict[str, float]:
    """Return accuracy, and precision, recall and F1 weighted by class size, as the course reports them.

    Args:
        targets: the true labels, 0 or 1, shape (n,).
        predicted: the predicted labels, 0 or 1, shape (n,).

    """
    y_true, y_pred = np.asarray(targets), np.asarray(predicted)
    precision, recall, f1, _ = precision_recall_fscore_support(y_true, y_pred, average="weighted", zero_division=0)
    return {
        "accuracy": float(accuracy_score(y_true, y_pred)),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
    }


def evaluate(targets: NDArray[np.int64], p: Floats) -> dict[str, float]:
    """Return all metrics that the benchmark reports for a model's probabilities.

    `scores` at a threshold of 0.5; macro F1; area under the ROC curve; Brier score; expected calibration error; and
    the 95 % Wilson interval of the accuracy, `accuracy_low` to `accuracy_high`.

    Args:
        targets: the true labels, 0 or 1, shape (n,); both must occur.
        p: P(disaster), shape (n,).

    """
    predicted = p >= 0.5
    low, high = accuracy_interval(predicted == targets)
    return {
        **scores(targets, predicted),
        "f1_macro": float(f1_score(targets, predicted, average="macro")),
        "roc_auc": float(roc_auc_score(targets, p)),
        "brier": float(brier_score_loss(targets, p)),
        "ece": calibration_error(targets, p),
        "accuracy_low": low,
        "accuracy_high": high,
    }


def calibration_error(targets: NDArray[np.int64], p: Floats, weights: Floats | None = None) -> float:
    """Return the expected calibration error (Naeini, Cooper and Hauskrecht 2015) in ten bins of equal width.

    This is the mean absolute difference between the mean probability and the share of disasters in a bin, weighted by
    the number of tweets in the bin.

    Args:
        targets: the true labels, 0 or 1, shape (n,).
        p: P(disaster), shape (n,).
        weights: how many tweets of the stream each stands for, shape (n,); None: all the same.

    """
    weights = np.ones(len(p)) if weights is None else weights
    gaps = sum_in_bins(p, weights * (p - targets))
    return float(np.abs(gaps).sum() / weights.sum())


def sum_in_bins(p: Floats, values: Floats) -> Floats:
    """Return the sums of values, shape (n,), in ten bins of equal width of the probabilities p, shape (n,)."""
    bins = np.minimum((p * _BINS).astype(int), _BINS - 1)
    return np.asarray(np.bincount(bins, weights=values, minlength=_BINS), dtype=np.float64)


def accuracy_interval(correct: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the 95 % interval of the accuracy (Wilson 1927), from whether each prediction is correct, shape (n,)."""
    interval = binomtest(int(correct.sum()), len(correct)).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def accuracy_difference(
    correct: NDArray[np.bool_], reference: NDArray[np.bool_], seed: int = 0
) -> tuple[float, float, float]:
    """Return accuracy minus the reference's accuracy, and both ends of its 95 % paired bootstrap interval.

    Args:
        correct: whether each prediction is correct, shape (n,).
        reference: the same for the reference model on the same tweets, shape (n,).
        seed: of the resampling.

    """
    gained, lost = float((correct & ~reference).mean()), float((~correct & reference).mean())
    drawn = np.random.default_rng(seed).multinomial(len(correct), [gained, lost, 1 - gained - lost], _RESAMPLES)
    low, high = np.percentile((drawn[:, 0] - drawn[:, 1]) / len(correct), [2.5, 97.5])
    return gained - lost, float(low), float(high)

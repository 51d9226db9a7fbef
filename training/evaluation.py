"""How good predictions are. Pure."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score, precision_recall_fscore_support


def scores(targets: ArrayLike, predicted: ArrayLike) -> dict[str, float]:
    """Return accuracy, and precision, recall and F1 weighted by class size, as the course reports them.

    Args:
        targets: the truth, 0 or 1, shape (n,).
        predicted: the verdicts, 0 or 1, shape (n,).

    """
    y_true, y_pred = np.asarray(targets), np.asarray(predicted)
    precision, recall, f1, _ = precision_recall_fscore_support(y_true, y_pred, average="weighted", zero_division=0)
    return {
        "accuracy": float(accuracy_score(y_true, y_pred)),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
    }

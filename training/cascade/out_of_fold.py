"""Predictions for tweets that the predicting model was not trained on."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from training.cancellation import Check, never_cancel
from training.models.base import TrainableClassifier
from worker.types import Floats

FOLDS = 5


def out_of_fold(
    build: Callable[[], TrainableClassifier],
    texts: list[str],
    targets: NDArray[np.int64],
    seed: int,
    advance: Callable[[], None] = lambda: None,
    check: Check = never_cancel,
) -> Floats:
    """Return P(disaster) for each text by a model trained on the other folds.

    Args:
        build: returns a fresh model.
        texts: shape (n,).
        targets: 0 or 1, shape (n,).
        seed: of the folds.
        advance: called after each fold.
        check: called before each fold; what it raises ends the work.

    """
    p = np.empty(len(texts))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(texts, targets):
        check()
        model = build().fit([texts[i] for i in train], targets[train])
        p[test] = model.predict_proba([texts[i] for i in test])[:, 1]
        advance()
    return p

"""Folds of the training tweets, of two kinds. Pure.

Random folds say how good a model is on tweets like those of the training, grouped ones on tweets unlike them: there no
group (the tweets of one event, say) is in training and test at once.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from training.data.dataset import Targets
from training.data.duplicates import Groups
from worker.errors import SettingError

FOLDS = 5

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Indices of the tweets to train on, and of those to predict."""


def split_folds(targets: Targets, seed: int, groups: Groups | None = None) -> list[Fold]:
    """Return five folds of n tweets with similar shares of disasters; with groups, each group is in one of them.

    There are fewer folds than five only if there are fewer groups.

    Args:
        targets: 0 or 1, shape (n,).
        seed: of the random assignment.
        groups: shape (n,).

    Raises:
        SettingError: the tweets outside of a fold are of one class.

    """
    rows = np.zeros(len(targets))
    if groups is None:
        return list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(rows, targets))
    folder = StratifiedGroupKFold(min(FOLDS, len(set(groups.tolist()))), shuffle=True, random_state=seed)
    folds = list(folder.split(rows, targets, groups))
    if any(len(set(targets[train].tolist())) < 2 for train, _ in folds):
        raise SettingError(
            "--group-by: without the groups of one fold, only tweets of one class remain to train on; group by "
            "another column"
        )
    return folds

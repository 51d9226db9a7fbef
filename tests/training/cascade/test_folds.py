"""Folds of the training tweets."""

import numpy as np
import pytest

from training.cascade.folds import FOLDS, split_folds
from worker.errors import SettingError

TARGETS = np.array([0, 1, 1] * 40)


@pytest.mark.parametrize("groups", [None, np.arange(120) // 4])
def test_each_tweet_is_predicted_once(groups: np.ndarray[tuple[int], np.dtype[np.int64]] | None) -> None:
    """The folds' second parts are all tweets, with similar shares of disasters."""
    folds = split_folds(TARGETS, 1, groups)
    assert len(folds) == FOLDS
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(120))
    assert all(not set(train.tolist()) & set(test.tolist()) for train, test in folds)
    assert all(TARGETS[test].mean() == pytest.approx(2 / 3, abs=0.1) for _, test in folds)


def test_no_group_is_in_training_and_test_at_once() -> None:
    """The tweets of one event say nothing of how a model does on the next one."""
    groups = np.arange(120) // 4
    for train, test in split_folds(TARGETS, 1, groups):
        assert not set(groups[train].tolist()) & set(groups[test].tolist())


def test_few_groups_make_few_folds() -> None:
    """Three events: each is predicted by models of the other two."""
    groups = np.arange(120) // 40
    folds = split_folds(TARGETS, 1, groups)
    assert sorted(set(groups[test].tolist()).pop() for _, test in folds) == [0, 1, 2]


def test_groups_that_leave_one_class_are_refused() -> None:
    """A model needs tweets of both classes."""
    with pytest.raises(SettingError, match="only tweets of one class remain"):
        split_folds(np.repeat([0, 1], 60), 1, np.repeat([0, 1], 60))

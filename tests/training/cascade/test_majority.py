"""Cascades that know only the larger class."""

import numpy as np
import pytest

from training.cascade.bands import Routing
from training.cascade.decisions import Decisions
from training.cascade.majority import majority_warning


def decisions(targets: list[int], labels: list[int]) -> Decisions:
    """Return decisions for tweets with these targets and labels."""
    p = np.array(labels) * 0.8 + 0.1
    return Decisions(np.array(targets), Routing(p, np.zeros(len(labels), dtype=np.intp)), p, 2)


def test_a_cascade_that_only_knows_the_majority_is_warned_of() -> None:
    """97.86 % sound good: they are what a constant label gives on 10 disasters among 420 tweets, but for one."""
    warning = majority_warning(decisions([1] * 10 + [0] * 410, [1] + [0] * 419))
    assert (
        "the cascade gains nothing over the label not_disaster for every tweet: 97.86% are right, 97.62% would be"
        in warning
    )
    assert "it finds 1 of 10 tweets labelled disaster; train on more of these" in warning


@pytest.mark.parametrize(
    ("targets", "labels"),
    [([1] * 10 + [0] * 410, [1] * 8 + [0] * 412), ([1] * 50 + [0] * 50, [1] * 40 + [0] * 60)],
)
def test_a_cascade_that_knows_more_is_not(targets: list[int], labels: list[int]) -> None:
    """A rare class that is found, and classes of one size."""
    assert majority_warning(decisions(targets, labels)) == ""


def test_the_warning_has_the_names_of_the_classes() -> None:
    """Whoever trains on other classes reads their names."""
    warning = majority_warning(decisions([1] * 10 + [0] * 410, [1] + [0] * 419), ("dry", "wet"))
    assert "over the label dry for every tweet" in warning
    assert "10 tweets labelled wet" in warning


def test_the_larger_class_may_be_the_disasters() -> None:
    """Files of one event hold few other tweets."""
    assert "the label disaster for every tweet" in majority_warning(decisions([1] * 95 + [0] * 5, [1] * 100))

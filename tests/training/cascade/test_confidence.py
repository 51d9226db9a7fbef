"""Confidence bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from training.cascade.confidence import f1_difference, lower_bound, upper_bound

rows = st.lists(st.tuples(st.integers(0, 1), st.booleans(), st.booleans()), min_size=2, max_size=80)


@given(rows)
def test_the_f1_is_scikit_learns_weighted_f1(data: list[tuple[int, bool, bool]]) -> None:
    """The fast computation from counts agrees with `sklearn.metrics.f1_score`."""
    targets, predicted, reference = (np.array(column) for column in zip(*data, strict=True))
    expected = [f1_score(targets, v, average="weighted", zero_division=0) for v in (predicted, reference)]
    difference = f1_difference(targets, predicted, reference)
    assert difference.value == pytest.approx(expected[0] - expected[1])
    assert difference.low <= difference.value + 0.2


def test_equal_predictions_differ_by_zero() -> None:
    """The bootstrap is paired: errors that both make do not widen the bound."""
    targets, predicted = np.array([0, 1, 0, 1]), np.array([True, True, False, False])
    assert f1_difference(targets, predicted, predicted) == (0, 0, 0)


def test_the_bound_has_its_nominal_coverage() -> None:
    """A 95 % lower bound exceeds the true difference in about 5 % of samples, not in 20 %."""
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 2, 200_000)
    predicted, reference = (
        np.where(rng.random(len(targets)) < accuracy, targets, 1 - targets) for accuracy in (0.80, 0.82)
    )
    true = f1_difference(targets, predicted == 1, reference == 1).value
    lows = [
        f1_difference(targets[rows], predicted[rows] == 1, reference[rows] == 1).low
        for rows in np.array_split(np.arange(len(targets)), 200)
    ]
    assert 0.01 <= np.mean(np.array(lows) > true) <= 0.10


def test_the_adjusted_bound_holds_for_all_hypotheses_together() -> None:
    """Of twelve bounds at the margin, one exceeds the true difference in about 5 % of the runs, not in 40 %."""
    rng, n, hypotheses = np.random.default_rng(2), 600, 12
    wrong = {"adjusted": 0, "plain": 0}
    for run in range(40):
        found = []
        for _ in range(hypotheses):
            targets = rng.integers(0, 2, n)
            predicted, reference = (np.where(rng.random(n) < 0.8, targets, 1 - targets) == 1 for _ in range(2))
            found.append(f1_difference(targets, predicted, reference, seed=run, hypotheses=hypotheses))
        wrong["adjusted"] += any(difference.adjusted_low > 0 for difference in found)
        wrong["plain"] += any(difference.low > 0 for difference in found)
    assert wrong["adjusted"] / 40 <= 0.15
    assert wrong["plain"] / 40 >= 0.25


def test_an_upper_bound_follows_the_rule_of_three() -> None:
    """For 0 of n the bound is about 3/n (the rule of three); for n of n, and without trials, it is 1."""
    assert upper_bound(0, 100) == pytest.approx(3 / 100, abs=0.001)
    assert upper_bound(50, 1000) == pytest.approx(0.063, abs=0.001)
    assert upper_bound(7, 7) == 1
    assert upper_bound(0, 0) == 1


def test_a_lower_bound_mirrors_the_upper_one() -> None:
    """For n of n the bound is about 1 - 3/n, for 0 of n it is 0; for many hypotheses together it is lower."""
    assert lower_bound(100, 100) == pytest.approx(1 - 3 / 100, abs=0.001)
    assert lower_bound(50, 1000) == pytest.approx(1 - upper_bound(950, 1000))
    assert lower_bound(50, 1000, hypotheses=10) < lower_bound(50, 1000)
    assert lower_bound(0, 7) == lower_bound(0, 0) == 0

"""How sure a difference is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from training.cascade.confidence import f1_difference, upper_bound

rows = st.lists(st.tuples(st.integers(0, 1), st.booleans(), st.booleans()), min_size=2, max_size=80)


@given(rows)
def test_it_is_scikit_learns_weighted_f1(data: list[tuple[int, bool, bool]]) -> None:
    """The difference is that of the score everybody knows."""
    targets, verdicts, reference = (np.array(column) for column in zip(*data, strict=True))
    expected = [f1_score(targets, v, average="weighted", zero_division=0) for v in (verdicts, reference)]
    difference = f1_difference(targets, verdicts, reference)
    assert difference.value == pytest.approx(expected[0] - expected[1])
    assert difference.low <= difference.value + 0.2


def test_equal_verdicts_differ_by_nothing() -> None:
    """Paired: what both get wrong tells nothing about the difference."""
    targets, verdicts = np.array([0, 1, 0, 1]), np.array([True, True, False, False])
    assert f1_difference(targets, verdicts, verdicts) == (0, 0)


def test_the_bound_holds_as_often_as_it_says() -> None:
    """A lower bound with 95 % confidence is above the truth in some 5 % of samples, not in 20."""
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 2, 200_000)
    verdicts, reference = (np.where(rng.random(len(targets)) < right, targets, 1 - targets) for right in (0.80, 0.82))
    true = f1_difference(targets, verdicts == 1, reference == 1).value
    lows = [
        f1_difference(targets[rows], verdicts[rows] == 1, reference[rows] == 1).low
        for rows in np.array_split(np.arange(len(targets)), 200)
    ]
    assert 0.01 <= np.mean(np.array(lows) > true) <= 0.10


def test_an_upper_bound_is_above_what_was_seen_and_holds() -> None:
    """The textbook's rule of three for none of so many; and all of them are all."""
    assert upper_bound(0, 100) == pytest.approx(3 / 100, abs=0.001)
    assert upper_bound(50, 1000) == pytest.approx(0.063, abs=0.001)
    assert upper_bound(7, 7) == 1
    assert upper_bound(0, 0) == 1

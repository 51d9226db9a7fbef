"""The sequential test of a share."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from worker.monitoring.sequential_test import SequentialTest

Direction = Literal["above", "below"]
DIRECTIONS = pytest.mark.parametrize("direction", ["above", "below"])
LIMIT, ERROR, STREAMS = 0.02, 0.05, 4_000
TOLERATED = binom.ppf(0.9999, STREAMS, ERROR)
"""Streams with a rejection, if each has one with probability ERROR: more are seen once in 10,000 times."""


def observed(test: SequentialTest, share: float, trials: int, batch: int = 10, seed: int = 0) -> np.ndarray:
    """Observe STREAMS streams of a share in batches; return which were rejected at some time."""
    draw, rejected = np.random.default_rng(seed), np.zeros(STREAMS, dtype=bool)
    for _ in range(trials // batch):
        test.observe(draw.binomial(batch, share, STREAMS), np.full(STREAMS, batch))
        rejected |= test.rejects(ERROR)
    return rejected


@DIRECTIONS
def test_false_alarms_are_rarer_than_stated(direction: Direction) -> None:
    """At the limit, where a false alarm is most likely, fewer streams than stated ever see one in 5,000 looks."""
    assert observed(SequentialTest(np.full(STREAMS, LIMIT), direction), LIMIT, 5_000, 1).sum() <= TOLERATED


@given(
    st.sampled_from(["above", "below"]),
    st.floats(0.001, 0.9),
    st.integers(0, 20),
    st.lists(st.integers(0, 30), max_size=4),
)
def test_the_capital_cannot_be_expected_to_grow(
    direction: Direction, limit: float, part: int, before: list[int]
) -> None:
    """Whatever happened before, the expected capital is at most the present one while the hypothesis is true.

    That is what makes it a supermartingale, and what Ville's inequality needs: checked exactly, over all outcomes.
    """
    share, trials = limit * part / 20 if direction == "above" else limit + (1 - limit) * part / 20, 12
    after = SequentialTest(np.full(trials + 1, limit), direction)
    for hits in before:
        after.observe(np.full(trials + 1, hits), np.full(trials + 1, 30))
    capital = np.exp(after.log_capital[0])
    after.observe(np.arange(trials + 1), np.full(trials + 1, trials))
    expected = binom.pmf(np.arange(trials + 1), trials, share) @ np.exp(after.log_capital)
    assert expected <= capital * (1 + 1e-9)


@pytest.mark.parametrize(("direction", "before", "after"), [("above", 0.01, 0.06), ("below", 0.3, 0.001)])
def test_a_change_is_noticed_late_in_a_stream(direction: Direction, before: float, after: float) -> None:
    """After 100,000 observations of the contrary, a change is noticed within 2,000 in nearly every stream."""
    test = SequentialTest(np.full(STREAMS, LIMIT), direction)
    assert not observed(test, before, 100_000, 1_000).any()
    assert observed(test, after, 2_000, seed=1).mean() > 0.99


def test_without_observations_nothing_is_rejected() -> None:
    """A share of which nothing is known is neither above nor below the limit, however long others are observed."""
    test = SequentialTest(np.full(2, LIMIT), "above")
    for _ in range(100):
        test.observe(np.array([5, 0]), np.array([10, 0]))
    assert test.rejects(ERROR).tolist() == [True, False]
    assert test.log_capital[1] == pytest.approx(0)


def test_the_capital_neither_overflows_nor_vanishes() -> None:
    """A million observations of one kind leave a finite capital."""
    test = SequentialTest(np.full(2, LIMIT), "above")
    for _ in range(1_000):
        test.observe(np.array([1_000, 0]), np.array([1_000, 1_000]))
    assert np.isfinite(test.log_capital).all()
    assert test.rejects(1e-9).tolist() == [True, False]

"""Drift."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.monitoring.drift import Drift, stability_index

counts = st.lists(st.integers(0, 1000), min_size=20, max_size=20).filter(any)


@given(counts, counts)
def test_it_is_zero_for_the_same_and_above_for_others(a: list[int], b: list[int]) -> None:
    """The index is zero for equal distributions, else positive, symmetric, and finite with empty bins."""
    p, q = np.array(a) / sum(a), np.array(b) / sum(b)
    assert stability_index(p, p) == 0
    assert 0 <= stability_index(p, q) < math.inf
    assert stability_index(p, q) == pytest.approx(stability_index(q, p))


def test_the_textbooks_example() -> None:
    """A shift of ten points between two halves is 0.04: 0.1 ln(0.6/0.5) + 0.1 ln(0.5/0.4)."""
    expected = 0.1 * math.log(0.6 / 0.5) + 0.1 * math.log(0.5 / 0.4)
    assert stability_index(np.array([0.5, 0.5]), np.array([0.6, 0.4])) == pytest.approx(expected)


def test_tweets_like_those_trained_on_do_not_drift() -> None:
    """Chance stays far below the alert's limit, other tweets exceed it, and the index recovers after them."""
    rng = np.random.default_rng(0)
    drift = Drift([0.05] * 20, window=5_000)
    assert math.isnan(drift.index), "too few probabilities for an index"
    for _ in range(10):
        drift.observe(rng.random(1_000))
    assert drift.index < 0.02
    for _ in range(6):
        drift.observe(rng.beta(5, 1, 1_000))
    assert drift.index > 0.25
    for _ in range(6):
        drift.observe(rng.random(1_000))
    assert drift.index < 0.02


@given(st.lists(st.integers(0, 3000), max_size=30))
def test_the_window_is_full_and_no_larger_than_a_batch_more(sizes: list[int]) -> None:
    """The window holds at least its size and at most one batch more."""
    drift, seen = Drift([0.5, 0.5], window=4_000), 0
    for size in sizes:
        drift.observe(np.full(size, 1.0))
        seen += size
    held = drift._counts.sum()
    assert min(seen, 4_000) <= held <= max(4_000 + max(sizes, default=0), 0) or held == seen

"""Calibration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Blend
from worker.cascade.calibration import blend

shares = st.floats(0, 1)


@given(st.lists(st.tuples(shares, shares)), st.lists(st.floats(-5, 5), min_size=5, max_size=5))
def test_it_is_a_probability_whatever_was_said(said: list[tuple[float, float]], numbers: list[float]) -> None:
    """A blend is a probability even where a classifier returns exactly 0 or 1."""
    a, b, c, d, bias = numbers
    p = blend(Blend(weights=[(a, b), (c, d)], bias=bias), np.array(said).reshape(-1, 2))
    assert p.shape == (len(said),)
    assert ((p >= 0) & (p <= 1)).all()


@given(st.floats(1e-5, 1 - 1e-5))
def test_of_one_classifier_with_weights_of_one_it_is_its_own(p: float) -> None:
    """Weights of one and no bias leave a probability unchanged."""
    assert blend(Blend(weights=[(1, 1)], bias=0), np.array([[p]]))[0] == pytest.approx(p)


def test_it_can_have_a_floor_on_one_side_alone() -> None:
    """Beta calibration can have a floor at the low end only, which a regression on log-odds cannot."""
    low, high = blend(Blend(weights=[(0.2, 1.0)], bias=0), np.array([[1e-4], [1 - 1e-4]]))
    assert low == pytest.approx(0.14, abs=0.01)
    assert high > 0.9998

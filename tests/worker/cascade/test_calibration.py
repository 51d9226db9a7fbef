"""Calibration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Blend
from worker.cascade.calibration import blend

shares = st.floats(0, 1)


@given(st.lists(st.tuples(shares, shares)), st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_it_is_a_probability_whatever_was_said(said: list[tuple[float, float]], numbers: list[float]) -> None:
    """A blend is a probability even where a classifier returns exactly 0 or 1."""
    *weights, bias = numbers
    p = blend(Blend(weights=weights, bias=bias), np.array(said).reshape(-1, 2))
    assert p.shape == (len(said),)
    assert ((p >= 0) & (p <= 1)).all()


@given(st.floats(1e-5, 1 - 1e-5))
def test_of_one_classifier_with_weights_of_one_it_is_its_own(p: float) -> None:
    """Weights of one and no bias leave a probability unchanged."""
    assert blend(Blend(weights=[1], bias=0), np.array([[p]]))[0] == pytest.approx(p)


def test_classifiers_that_agree_are_surer_than_one() -> None:
    """Log-odds add up: two classifiers of 0.8 give odds of 4 times 4, and opposite ones cancel out."""
    both = Blend(weights=[1, 1], bias=0)
    assert blend(both, np.array([[0.8, 0.8], [0.8, 0.2]])) == pytest.approx([16 / 17, 0.5])


def test_a_classifier_that_cannot_read_a_text_is_left_out() -> None:
    """Its weight goes to the others, whichever and however many are missing; of none, the bias is left."""
    none = Blend(weights=[0, 0], bias=-1)
    first, second = (Blend(weights=w, bias=0, without={n: none}) for w, n in (([1, 0], 0), ([0, 1], 1)))
    both = Blend(weights=[0.5, 2], bias=0, without={0: second, 1: first})
    nan = np.nan
    p = blend(both, np.array([[0.8, 0.5], [0.8, nan], [nan, 0.3], [nan, nan]]))
    assert p == pytest.approx([2 / 3, 0.8, 0.3, 1 / (1 + np.e)])
    assert np.isnan(blend(Blend(weights=[1], bias=0), np.array([[nan]]))).all(), "nothing is made up"


def test_the_blend_of_the_others_has_their_number() -> None:
    """A manifest with a blend that does not fit is refused when it is read."""
    with pytest.raises(ValueError, match="one weight per stage"):
        Blend(weights=[1, 1], bias=0, without={1: Blend(weights=[1], bias=0)})
    with pytest.raises(ValueError, match="one weight per stage"):
        Blend(weights=[1], bias=0, without={1: Blend(weights=[1], bias=0)})

"""The share of disasters in the stream."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.cascade.test_bands import drawn
from training.cascade.bands import apply_blends, fit_blends
from training.cascade.prior import prior_shift, prior_weights
from training.evaluation import calibration_error

SHARE = st.floats(0.01, 0.99)


@given(st.lists(st.integers(0, 1), min_size=2, max_size=50).filter(lambda t: 0 < sum(t) < len(t)), SHARE)
def test_weighted_targets_have_the_share(targets: list[int], prior: float) -> None:
    """The weights make the targets a sample of the stream, of the same size."""
    y = np.array(targets)
    weights = prior_weights(y, prior)
    assert weights.mean() == pytest.approx(1)
    assert np.average(y, weights=weights) == pytest.approx(prior)


def test_no_prior_changes_nothing() -> None:
    """Without a prior, or with that of the targets, probabilities stay as they are."""
    _, targets = drawn()
    assert prior_shift(targets, None) == 0
    assert prior_shift(targets, float(targets.mean())) == pytest.approx(0)
    assert (prior_weights(targets, None) == 1).all()


@pytest.mark.parametrize("prior", [0.2, 0.5, 0.8])
def test_probabilities_are_calibrated_for_the_stream(prior: float) -> None:
    """Of a stream with this share of disasters, the tweets at a probability are disasters as often as it says."""
    classifier_p, targets = drawn()
    p = apply_blends(fit_blends(classifier_p, targets, prior), classifier_p)
    weights = prior_weights(targets, prior)
    assert max(calibration_error(targets, p[:, n], weights) for n in (0, 1)) < 0.03
    if prior != 0.5:
        assert min(calibration_error(targets, p[:, n]) for n in (0, 1)) > 0.08


def test_a_rarer_class_needs_more_evidence() -> None:
    """A lower share of disasters lowers every probability, and keeps their order."""
    classifier_p, targets = drawn(300)
    low, high = (apply_blends(fit_blends(classifier_p, targets, prior), classifier_p) for prior in (0.1, 0.6))
    assert (low < high).all()
    assert np.argsort(low[:, -1], kind="stable").tolist() == np.argsort(high[:, -1], kind="stable").tolist()

"""Cross-fitted blends and bands."""

import pytest

from tests.training.cascade.test_bands import drawn
from training.cascade.bands import apply_blends, fit_bands, fit_blends, route
from training.cascade.cross_fit import CrossFit
from training.cascade.folds import split_folds


def test_a_tweet_is_decided_without_its_own_target() -> None:
    """Cross-fitting: changing one tweet's target leaves its own probability and routing unchanged."""
    classifier_p, targets = drawn(400)
    other = targets.copy()
    other[7] = 1 - other[7]
    folds = split_folds(targets, seed=0)
    before, after = CrossFit(classifier_p, targets, folds), CrossFit(classifier_p, other, folds)
    assert before.p[7].tolist() == after.p[7].tolist()
    assert (before.p != after.p).any(axis=1).mean() == pytest.approx(0.8), (
        "the tweet is in the training part of four of five folds"
    )
    routing, routing_after = before.route((0.2,)), after.route((0.2,))
    assert routing.probability[7] == routing_after.probability[7]
    assert (routing.decided_by == 1).mean() == pytest.approx(0.2, abs=0.03)


def test_blends_and_bands_may_be_fitted_on_other_predictions() -> None:
    """What decides a fold is fitted on the other folds of the second predictions, and applied to the first."""
    classifier_p, targets = drawn(400)
    fitted_on = 0.5 + 0.4 * (classifier_p - 0.5)
    folds = split_folds(targets, seed=0)
    found = CrossFit(classifier_p, targets, folds, fitted_on).decide((0.3,))
    for train, test in folds:
        blends = fit_blends(fitted_on[train], targets[train])
        bands = fit_bands(apply_blends(blends, fitted_on[train]), targets[train], (0.3,))
        p = apply_blends(blends, classifier_p[test])
        assert found.routing.probability[test].tolist() == route(p, bands).probability.tolist()
        assert found.last[test].tolist() == p[:, -1].tolist()
    shifted = CrossFit(classifier_p, targets, folds, fitted_on, prior=0.9)
    assert (shifted.p[:, -1] > found.last).all(), "calibrated for a stream of disasters"
    assert (found.stages, found.targets.tolist()) == (2, targets.tolist())

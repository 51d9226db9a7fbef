"""Bands, blends and routing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from schemas import Band
from tests.helpers import FixedClassifier
from training.cascade.bands import apply_blends, fit_bands, fit_blends, route
from training.cascade.cross_fit import CrossFit
from training.cascade.folds import split_folds
from training.evaluation import calibration_error
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage

shares = st.floats(0, 1)
tables = st.lists(st.tuples(shares, shares, shares, st.integers(0, 1)), min_size=1, max_size=60).map(np.array)


@given(tables, shares, shares)
def test_no_stage_gets_more_than_its_limit(table: NDArray[np.float64], middle: float, last: float) -> None:
    """The limit on deferral bounds the cost, also where many probabilities are equal."""
    limits = (max(middle, last), min(middle, last))
    p, targets = table[:, :3], table[:, 3].astype(int)
    routing = route(p, fit_bands(p, targets, limits))
    assert (routing.decided_by >= 1).mean() <= limits[0] + 1e-9
    assert (routing.decided_by == 2).mean() <= limits[1] + 1e-9


@given(tables, shares)
def test_a_limit_of_zero_defers_nothing_and_of_one_everything(table: NDArray[np.float64], center: float) -> None:
    """The limits 0 and 1 are the fast and the strong stage alone, but for probabilities of exactly 0 and 1."""
    p, targets = table[:, :2], table[:, 3].astype(int)
    assert (route(p, fit_bands(p, targets, (0.0,))).decided_by == 0).all()
    certain = (p[:, 0] == 0) | (p[:, 0] == 1)
    assert ((route(p, fit_bands(p, targets, (1.0,))).decided_by == 1) | certain).all()
    assert route(p, [Band(low=center, high=center)]).decided_by.sum() == 0


@given(tables, st.lists(shares, min_size=4, max_size=4))
def test_training_routes_as_the_worker_does(table: NDArray[np.float64], ends: list[float]) -> None:
    """`route` decides as the worker's cascade does, so the measured accuracy is that of the served one."""
    bands = [Band(low=min(pair), high=max(pair)) for pair in (ends[:2], ends[2:])]
    texts = [str(n) for n in range(len(table))]
    stages = [
        Stage(str(n), FixedClassifier(dict(zip(texts, table[:, n].tolist(), strict=True))), band)
        for n, band in enumerate([*bands, None])
    ]
    served, routing = ThresholdCascade(stages, "v").predict(texts).predictions, route(table[:, :3], bands)
    assert [int(p.stage) for p in served] == routing.decided_by.tolist()
    assert [p.probability for p in served] == routing.probability.tolist()


def test_a_band_lies_where_the_last_stage_helps_most() -> None:
    """The band lies above 0.5 if the fast stage is wrong just above it, and the last stage just below it."""
    fast = np.array([0.48, 0.47, 0.46, 0.53, 0.54, 0.55, 0.1, 0.9])
    targets = np.array([0, 0, 0, 0, 0, 0, 0, 1])
    last = np.array([0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.0, 1.0])
    [band] = fit_bands(np.column_stack([fast, last]), targets, (3 / 8,))
    assert (fast[(fast > band.low) & (fast < band.high)] > 0.5).all()


def test_the_worked_example_of_the_band_search() -> None:
    """The example in `fit_bands` has the band that its docstring derives."""
    first = [0.10, 0.46, 0.47, 0.48, 0.53, 0.54, 0.55, 0.90]
    second = [0.00, 0.90, 0.90, 0.90, 0.10, 0.10, 0.10, 1.00]
    targets = np.array([0, 0, 0, 0, 0, 0, 0, 1])
    assert fit_bands(np.column_stack([first, second]), targets, (3 / 8,)) == [Band(low=0.48, high=0.90)]


def drawn(n: int = 3000) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return P(disaster) by an overconfident fast classifier and a better strong one, shape (n, 2), and the targets."""
    rng = np.random.default_rng(0)
    z = rng.normal(0, 2, n)
    targets = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(np.int64)
    noisy = [3 * (z + rng.normal(0, 2, n)), z + rng.normal(0, 1, n)]
    return np.column_stack([1 / (1 + np.exp(-x)) for x in noisy]), targets


def test_blends_are_calibrated_and_use_both() -> None:
    """Blending calibrates the probabilities, and the last stage is better than its classifier alone."""
    classifier_p, targets = drawn()
    p = apply_blends(fit_blends(classifier_p, targets), classifier_p)
    assert calibration_error(targets, classifier_p[:, 0]) > 0.08
    assert max(calibration_error(targets, p[:, n]) for n in (0, 1)) < 0.03
    alone = np.mean((classifier_p[:, 1] - targets) ** 2)
    assert np.mean((p[:, 1] - targets) ** 2) < alone


def test_a_classifier_that_cannot_read_every_tweet_has_a_blend_without_it() -> None:
    """Its own blend is fitted on what it reads, the other on all tweets, and the last stage is left out of neither."""
    draw = np.random.default_rng(0)
    targets = np.arange(400) % 2
    p = np.clip(targets[:, np.newaxis] * 0.2 + draw.uniform(0.1, 0.7, (400, 3)), 0.01, 0.99)
    unread = draw.random(400) < 0.2
    p[unread, 1] = np.nan
    first, second, third = fit_blends(p, targets)
    assert (first.without, {*second.without}, {*third.without}) == ({}, {1}, {1})
    [alone] = fit_blends(p[:, :1], targets)
    np.testing.assert_allclose(second.without[1].weights, [*alone.weights, 0])
    np.testing.assert_allclose(third.weights, fit_blends(p[~unread], targets[~unread])[2].weights)
    blended = apply_blends([first, second, third], p)
    assert np.isfinite(blended).all()
    np.testing.assert_allclose(blended[unread, 1], blended[unread, 0])


def test_a_first_stage_that_reads_nothing_has_the_prior() -> None:
    """Without any classifier, the share of disasters in the stream is all that is known."""
    p, targets = np.array([[0.9], [0.2], [0.8], [0.4], [np.nan]]), np.array([1, 0, 1, 0, 0])
    blends = fit_blends(p, targets, prior=0.5)
    assert apply_blends(blends, np.array([[np.nan]]))[0, 0] == 0.5


def test_what_only_other_folds_miss_can_be_left_out_as_well() -> None:
    """A fold whose training tweets are all read still decides a test tweet that is not."""
    draw = np.random.default_rng(1)
    targets = np.arange(100) % 2
    p = np.clip(targets[:, np.newaxis] * 0.3 + draw.uniform(0.1, 0.6, (100, 2)), 0.01, 0.99)
    p[7, 1] = np.nan
    fit = CrossFit(p, targets, split_folds(targets, 1))
    assert np.isfinite(fit.p).all()
    assert np.isfinite(fit.route((0.5,)).probability).all()

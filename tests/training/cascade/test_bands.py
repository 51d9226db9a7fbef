"""Where the stages hand over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from schemas import Band
from tests.helpers import FixedClassifier
from training.cascade.bands import CrossFit, bands_of, blended, blends_of, route
from training.evaluation import calibration_error
from worker.cascade.cascade import Stage, ThresholdCascade

shares = st.floats(0, 1)
tables = st.lists(st.tuples(shares, shares, shares, st.integers(0, 1)), min_size=1, max_size=60).map(np.array)


@given(tables, shares, shares)
def test_no_stage_gets_more_than_allowed(table: NDArray[np.float64], middle: float, last: float) -> None:
    """The limit is a promise about cost, also where many probabilities are equal."""
    allowed = (max(middle, last), min(middle, last))
    p, targets = table[:, :3], table[:, 3].astype(int)
    routed = route(p, bands_of(p, targets, allowed))
    assert (routed.decided_by >= 1).mean() <= allowed[0] + 1e-9
    assert (routed.decided_by == 2).mean() <= allowed[1] + 1e-9


@given(tables, shares)
def test_a_band_of_no_share_has_nothing_in_it_and_of_all_everything(table: NDArray[np.float64], centre: float) -> None:
    """From the fast stage alone to the strong one alone; but who is perfectly sure is believed."""
    p, targets = table[:, :2], table[:, 3].astype(int)
    assert (route(p, bands_of(p, targets, (0.0,))).decided_by == 0).all()
    perfectly_sure = (p[:, 0] == 0) | (p[:, 0] == 1)
    assert ((route(p, bands_of(p, targets, (1.0,))).decided_by == 1) | perfectly_sure).all()
    assert route(p, [Band(low=centre, high=centre)]).decided_by.sum() == 0


@given(tables, st.lists(shares, min_size=4, max_size=4))
def test_training_routes_as_the_worker_does(table: NDArray[np.float64], ends: list[float]) -> None:
    """What was measured is what is served."""
    bands = [Band(low=min(pair), high=max(pair)) for pair in (ends[:2], ends[2:])]
    texts = [str(n) for n in range(len(table))]
    stages = [
        Stage(str(n), FixedClassifier(dict(zip(texts, table[:, n].tolist(), strict=True))), band)
        for n, band in enumerate([*bands, None])
    ]
    served, routed = ThresholdCascade(stages, "v").predict(texts), route(table[:, :3], bands)
    assert [int(p.stage) for p in served] == routed.decided_by.tolist()
    assert [p.probability for p in served] == routed.probability.tolist()


def test_a_band_lies_where_the_last_stage_helps_most() -> None:
    """Just above one half the fast stage is wrong and the last one right; just below, it is the other way round."""
    fast = np.array([0.48, 0.47, 0.46, 0.53, 0.54, 0.55, 0.1, 0.9])
    targets = np.array([0, 0, 0, 0, 0, 0, 0, 1])
    last = np.array([0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.0, 1.0])
    [band] = bands_of(np.column_stack([fast, last]), targets, (3 / 8,))
    assert (fast[(fast > band.low) & (fast < band.high)] > 0.5).all()


def drawn(n: int = 3000) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return an overconfident fast classifier and a better strong one, and the truth."""
    rng = np.random.default_rng(0)
    z = rng.normal(0, 2, n)
    targets = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(np.int64)
    noisy = [3 * (z + rng.normal(0, 2, n)), z + rng.normal(0, 1, n)]
    return np.column_stack([1 / (1 + np.exp(-x)) for x in noisy]), targets


def test_blends_are_calibrated_and_use_both() -> None:
    """A published probability means what it says; the last stage is better than its classifier alone."""
    said, targets = drawn()
    p = blended(blends_of(said, targets), said)
    assert calibration_error(targets, said[:, 0]) > 0.08
    assert max(calibration_error(targets, p[:, n]) for n in (0, 1)) < 0.03
    alone = np.mean((said[:, 1] - targets) ** 2)
    assert np.mean((p[:, 1] - targets) ** 2) < alone


def test_no_tweet_has_a_say_in_how_it_is_decided() -> None:
    """Cross-fitted: with another truth for one tweet, its own probability stays what it was."""
    said, targets = drawn(400)
    other = targets.copy()
    other[7] = 1 - other[7]
    before, after = CrossFit(said, targets), CrossFit(said, other)
    assert before.p[7].tolist() == after.p[7].tolist()
    assert (before.p != after.p).any(axis=1).mean() == pytest.approx(0.8), "it is in four of five folds' training part"
    routed, routed_after = before.route((0.2,)), after.route((0.2,))
    assert routed.probability[7] == routed_after.probability[7]
    assert (routed.decided_by == 1).mean() == pytest.approx(0.2, abs=0.03)

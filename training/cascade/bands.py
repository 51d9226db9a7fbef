"""Calibrated stage probabilities and deferral bands, fitted on out-of-fold predictions. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from schemas import Band, Blend
from training.cascade.prior import prior_shift
from training.data.dataset import Targets
from worker.cascade.calibration import blend, log_odds
from worker.cascade.stage import inside
from worker.types import Floats

CENTERS = (0.46, 0.5, 0.54)
"""Centers tried for a band: the later stages may help more on one side of 0.5 than on the other."""

Shares = tuple[float, ...]
"""Limit on the share of all tweets that may reach each stage after the first."""


@dataclass(frozen=True)
class Routing:
    """Probability and deciding stage of each tweet in a cascade."""

    probability: Floats
    """P(disaster) by the stage that decided, shape (n,)."""
    decided_by: NDArray[np.intp]
    """Index of that stage in the chain, shape (n,)."""

    def reach(self, stage: int) -> float:
        """Return the share of tweets that reach the stage with this index."""
        return float((self.decided_by >= stage).mean())


def fit_blends(
    classifier_p: Floats, targets: Targets, prior: float | None = None, unread: frozenset[int] | None = None
) -> list[Blend]:
    """Fit for each stage the blend that calibrates its probability.

    A stage's blend is a logistic regression on the log-odds of the classifiers up to and including its own, fitted on
    the tweets that all of them can read. For each classifier that cannot read every tweet there is another one that
    leaves it out.

    Args:
        classifier_p: out-of-fold P(disaster) by each stage's classifier, shape (n, stages); NaN where it cannot read
            a tweet.
        targets: 0 or 1, shape (n,).
        prior: the share of disasters in the stream to calibrate for; None: as among the targets.
        unread: the numbers of the classifiers that cannot read every tweet; None: those that have a NaN.

    """
    found = unread_by(classifier_p) if unread is None else unread
    shift, stages = prior_shift(targets, prior), classifier_p.shape[1]
    return [_fit_blend(classifier_p[:, :n], targets, shift, found & {*range(n)}) for n in range(1, stages + 1)]


def unread_by(classifier_p: Floats) -> frozenset[int]:
    """Return the numbers of the classifiers, shape (n, stages), that cannot read every tweet."""
    return frozenset(np.flatnonzero(np.isnan(classifier_p).any(axis=0)).tolist())


def _fit_blend(
    classifier_p: Floats, targets: Targets, shift: float, unread: frozenset[int], left_out: frozenset[int] = frozenset()
) -> Blend:
    """Return a blend of all classifiers but those left out, with one for each further one that may be left out."""
    used = [n for n in range(classifier_p.shape[1]) if n not in left_out]
    weights, bias = np.zeros(classifier_p.shape[1]), float(log_odds(np.asarray(targets.mean())))
    if used:
        read = np.isfinite(classifier_p[:, used]).all(axis=1)
        model = LogisticRegression(solver="newton-cholesky")
        model.fit(log_odds(classifier_p[read][:, used]), targets[read])
        weights[used], bias = model.coef_[0], float(model.intercept_[0])
    without = {n: _fit_blend(classifier_p, targets, shift, unread - {n}, left_out | {n}) for n in sorted(unread)}
    return Blend(weights=weights.tolist(), bias=bias + shift, without=without)


def apply_blends(blends: Sequence[Blend], classifier_p: Floats) -> Floats:
    """Return each stage's calibrated probability, shape (n, stages), from the classifiers', of the same shape."""
    return np.column_stack([blend(fitted, classifier_p[:, : n + 1]) for n, fitted in enumerate(blends)])


def fit_bands(p: Floats, targets: Targets, shares: Shares) -> list[Band]:
    """Return a band for each stage but the last: as wide as the limit on deferral allows, at the best center.

    For each center the band grows until the limit is reached. The center is chosen by the accuracy of this stage and
    the last one together, over the tweets that reach this stage; of equal ones, 0.5 is preferred.

    Example: eight tweets, two stages, and at most 3/8 of the tweets may reach the second. Only the last tweet is
    about a disaster. The first stage is wrong just above 0.5, the second just below:

        first stage    0.10  0.46  0.47  0.48  0.53  0.54  0.55  0.90
        second stage   0.00  0.90  0.90  0.90  0.10  0.10  0.10  1.00
        target            0     0     0     0     0     0     0     1

    Around 0.46 the three nearest probabilities are 0.46, 0.47 and 0.48. Deferring them adds three errors to the
    three at 0.53 to 0.55: 2 of 8 are correct. Around 0.5 they are 0.48, 0.47 and 0.53: 4 are correct. Around 0.54
    they are 0.53, 0.54 and 0.55, and all 8 are correct. This band ends at the nearest probabilities outside of it,
    which are decided here: low 0.48, high 0.90.

    Args:
        p: each stage's calibrated probability, shape (n, stages).
        targets: 0 or 1, shape (n,).
        shares: limits on deferral, shape (stages - 1,).

    """
    bands, reaching = [], np.arange(len(p))
    for n, share in enumerate(shares):
        limit = min(int(share * len(p) + 1e-9), len(reaching))
        band = _best_band(p[reaching, n], p[reaching, -1], targets[reaching], limit)
        bands.append(band)
        reaching = reaching[inside(band, p[reaching, n])]
    return bands


def _best_band(p: Floats, last: Floats, targets: Targets, limit: int) -> Band:
    """Return the band, of those around the centers, with which this stage and the last one are most accurate."""
    tried = {center: _band_around(center, p, limit) for center in CENTERS}
    correct = {center: _correct(band, p, last, targets) for center, band in tried.items()}
    best = max(CENTERS, key=lambda center: (correct[center], center == 0.5))  # 0.5 needs no explanation
    return tried[best]


def _band_around(center: float, p: Floats, limit: int) -> Band:
    """Return the widest band that has at most `limit` of the probabilities inside; of equally near ones all or none."""
    if limit == 0:
        return Band(low=center, high=center)
    distances = np.abs(p - center)
    outside = p[distances >= np.partition(distances, limit)[limit]] if limit < len(p) else p[:0]
    below, above = outside[outside < center], outside[outside >= center]
    return Band(low=below.max(initial=0.0), high=above.min(initial=1.0))


def _correct(band: Band, p: Floats, last: Floats, targets: Targets) -> int:
    """Return how many labels are correct if the last stage decides what is inside of the band."""
    predicted = np.where(inside(band, p), last, p) >= 0.5
    return int((predicted == targets).sum())


def route(p: Floats, bands: Sequence[Band]) -> Routing:
    """Return what a cascade with these bands decides, from each stage's probability, shape (n, stages)."""
    decided_by, reaching = np.zeros(len(p), dtype=np.intp), np.arange(len(p))
    for n, band in enumerate(bands):
        reaching = reaching[inside(band, p[reaching, n])]
        decided_by[reaching] = n + 1
    return Routing(p[np.arange(len(p)), decided_by], decided_by)

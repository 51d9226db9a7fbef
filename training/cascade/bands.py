"""Where the stages hand over, and what comes of it: from predictions on tweets that no model had seen. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from schemas import Band, Blend
from training.cascade.out_of_fold import FOLDS
from training.data.dataset import Targets
from worker.cascade.calibration import blend, evidence
from worker.cascade.cascade import inside
from worker.types import Floats

CENTRES = (0.46, 0.5, 0.54)
"""Probabilities a band may lie around: the later stages may help more on one side of one half than on the other."""

Shares = tuple[float, ...]
"""Of all tweets, how many may reach each stage after the first."""


@dataclass(frozen=True)
class Routed:
    """What a chain of stages said of each tweet."""

    probability: Floats
    """P(disaster) by the stage that decided, shape (n,)."""
    decided_by: NDArray[np.intp]
    """Its place in the chain, shape (n,)."""

    def reach(self, stage: int) -> float:
        """Return the share of tweets that reach the stage at this place."""
        return float((self.decided_by >= stage).mean())


def blends_of(said: Floats, targets: Targets) -> list[Blend]:
    """Return for each stage what makes its probability, calibrated, of the classifiers' so far.

    Args:
        said: P(disaster) by each classifier, shape (n, stages), of tweets it was not trained on.
        targets: the truth, 0 or 1, shape (n,).

    """
    return [_blend_of(said[:, :n], targets) for n in range(1, said.shape[1] + 1)]


def _blend_of(said: Floats, targets: Targets) -> Blend:
    model = LogisticRegression(solver="newton-cholesky").fit(evidence(said), targets)
    return Blend(weights=model.coef_[0].reshape(-1, 2).tolist(), bias=float(model.intercept_[0]))


def blended(blends: Sequence[Blend], said: Floats) -> Floats:
    """Return each stage's probability, shape (n, stages)."""
    return np.column_stack([blend(how, said[:, : n + 1]) for n, how in enumerate(blends)])


def bands_of(p: Floats, targets: Targets, shares: Shares) -> list[Band]:
    """Return a band for each stage but the last, so wide that no more tweets than allowed reach the next stage.

    Of the centres, the one is taken that makes stage and last stage together the most accurate.

    Args:
        p: each stage's probability, shape (n, stages).
        targets: the truth, shape (n,).
        shares: for each stage after the first.

    """
    bands, here = [], np.arange(len(p))
    for n, share in enumerate(shares):
        most = min(int(share * len(p) + 1e-9), len(here))
        tries = [_around(centre, p[here, n], most) for centre in CENTRES]
        right = [_right(band, p[here, n], p[here, -1], targets[here]) for band in tries]
        # Of equals the one about one half, which is what nobody has to explain.
        band = max(zip(right, tries, strict=True), key=lambda pair: (pair[0], pair[1] is tries[1]))[1]
        bands.append(band)
        here = here[inside(band, p[here, n])]
    return bands


def _around(centre: float, p: Floats, most: int) -> Band:
    """Return the band with as many of the probabilities nearest to the centre; of equal ones all or none."""
    if most == 0:
        return Band(low=centre, high=centre)
    outside = p[np.argsort(np.abs(p - centre), kind="stable")[most:]]
    below, above = outside[outside < centre], outside[outside >= centre]
    return Band(low=below.max(initial=0.0), high=above.min(initial=1.0))


def _right(band: Band, p: Floats, last: Floats, targets: Targets) -> int:
    verdicts = np.where(inside(band, p), last, p) >= 0.5
    return int((verdicts == targets).sum())


def route(p: Floats, bands: Sequence[Band]) -> Routed:
    """Return what a cascade with these bands says where its stages say p, shape (n, stages)."""
    decided_by, here = np.zeros(len(p), dtype=np.intp), np.arange(len(p))
    for n, band in enumerate(bands):
        here = here[inside(band, p[here, n])]
        decided_by[here] = n + 1
    return Routed(p[np.arange(len(p)), decided_by], decided_by)


class CrossFit:
    """A chain of stages of which blends and bands for each tweet are made without it.

    Args:
        said: P(disaster) by each stage's classifier, shape (n, stages), out of fold.
        targets: the truth, 0 or 1, shape (n,).

    Attributes:
        p: each stage's blended probability, shape (n, stages).

    """

    def __init__(self, said: Floats, targets: Targets) -> None:
        self._targets = targets
        self._folds = list(_folds(said))
        self.p = np.empty_like(said)
        self._of_train = []
        for train, test in self._folds:
            blends = blends_of(said[train], targets[train])
            self.p[test] = blended(blends, said[test])
            self._of_train.append(blended(blends, said[train]))

    def route(self, shares: Shares) -> Routed:
        """Return what the chain says if no more than these shares may go on."""
        probability, decided_by = np.empty(len(self.p)), np.empty(len(self.p), dtype=np.intp)
        for (train, test), p in zip(self._folds, self._of_train, strict=True):
            routed = route(self.p[test], bands_of(p, self._targets[train], shares))
            probability[test], decided_by[test] = routed.probability, routed.decided_by
        return Routed(probability, decided_by)


def _folds(said: Floats) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    yield from KFold(FOLDS, shuffle=True, random_state=0).split(said)

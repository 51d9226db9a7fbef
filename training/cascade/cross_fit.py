"""Cross-fitting: blends and bands are fitted on some folds and tried on another. Pure."""

from collections.abc import Sequence

import numpy as np

from training.cascade.bands import Routing, Shares, apply_blends, fit_bands, fit_blends, route, unread_by
from training.cascade.decisions import Decisions
from training.cascade.folds import Fold
from training.data.dataset import Targets
from worker.types import Floats


class CrossFit:
    """A chain with cross-fitted blends and bands: those that decide a tweet are fitted without it.

    Args:
        classifier_p: out-of-fold P(disaster) by each stage's classifier, shape (n, stages).
        targets: 0 or 1, shape (n,).
        folds: blends and bands are fitted on the first part of each and decide the second.
        fitted_on: what blends and bands are fitted on, shape (n, stages), if not `classifier_p`: predictions of the
            same tweets in other folds.
        prior: the share of disasters that blends assume in the stream; None: as among the targets.

    Attributes:
        p: each stage's calibrated probability, shape (n, stages).

    """

    def __init__(
        self,
        classifier_p: Floats,
        targets: Targets,
        folds: Sequence[Fold],
        fitted_on: Floats | None = None,
        prior: float | None = None,
    ) -> None:
        self._targets, self._folds = targets, folds
        source = classifier_p if fitted_on is None else fitted_on
        unread = unread_by(classifier_p) | unread_by(source)
        self.p = np.empty_like(classifier_p)
        self._train_p = []
        for train, test in folds:
            blends = fit_blends(source[train], targets[train], prior, unread)
            self.p[test] = apply_blends(blends, classifier_p[test])
            self._train_p.append(apply_blends(blends, source[train]))

    def route(self, shares: Shares) -> Routing:
        """Return what the chain decides with bands for these limits on deferral."""
        probability, decided_by = np.empty(len(self.p)), np.empty(len(self.p), dtype=np.intp)
        for (train, test), train_p in zip(self._folds, self._train_p, strict=True):
            routing = route(self.p[test], fit_bands(train_p, self._targets[train], shares))
            probability[test], decided_by[test] = routing.probability, routing.decided_by
        return Routing(probability, decided_by)

    def decide(self, shares: Shares) -> Decisions:
        """Return these decisions with those of the last stage, asked about every tweet."""
        return Decisions(self._targets, self.route(shares), self.p[:, -1], self.p.shape[1])

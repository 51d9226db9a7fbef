"""Two artifacts on the same labelled tweets: what changed, and whether that is more than chance. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from training.artifact_evaluation.groups import split_groups
from training.cascade.decisions import Decisions
from worker.types import Bools

_Z = float(norm.ppf(0.975))


class Change(NamedTuple):
    """The accuracy of two artifacts on one group of tweets."""

    group: str
    tweets: int
    before: float
    after: float
    low: float
    """Lower end of the 95 % interval of the difference."""
    high: float

    @property
    def difference(self) -> float:
        """What the accuracy gained."""
        return self.after - self.before


class Comparison(NamedTuple):
    """An artifact against another."""

    against: str
    """The other's version."""
    changes: Sequence[Change]
    """On all tweets, then on each group."""


def compare_groups(before: Decisions, after: Decisions, groups: Sequence[str]) -> list[Change]:
    """Return the change on all tweets, then on each group, the largest loss first.

    Args:
        before: of the one artifact's cascade for n tweets.
        after: of the other's, for the same.
        groups: each tweet's, shape (n,).

    """
    changes = [_change(name, before.of(rows), after.of(rows)) for name, rows in split_groups(groups)]
    worst_first = sorted(changes, key=lambda change: (change.difference, change.group))
    return [_change("all", before, after), *(worst_first if len(worst_first) > 1 else [])]


def _change(group: str, before: Decisions, after: Decisions) -> Change:
    """Return a change; its interval is for paired proportions (Agresti and Min 2005)."""
    right, was_right = _right(after), _right(before)
    n, gained, lost = len(right), float((right & ~was_right).sum()), float((was_right & ~right).sum())
    middle = (gained - lost) / (n + 2)
    width = _Z * np.sqrt(max(0.0, gained + lost + 1 - (gained - lost) ** 2 / (n + 2))) / (n + 2)
    return Change(group, n, float(was_right.mean()), float(right.mean()), float(middle - width), float(middle + width))


def _right(decisions: Decisions) -> Bools:
    return np.asarray((decisions.routing.probability >= 0.5) == decisions.targets)

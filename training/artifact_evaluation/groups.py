"""Scores of a cascade by group, against its own strong stage and its promise. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from schemas import Manifest, Policy
from training.cascade.confidence import lower_bound, upper_bound
from training.cascade.decisions import Decisions
from training.data.dataset import Targets
from training.evaluation import calibration_error, scores
from worker.types import Bools, Floats

Verdict = Literal["kept", "broken", "unclear"]


@dataclass(frozen=True)
class Measures:
    """Scores of predictions."""

    accuracy: float
    f1: float
    """Weighted by class size."""
    f1_macro: float
    roc_auc: float | None
    """None where only one class occurs."""
    calibration_error: float


@dataclass(frozen=True)
class Overruled:
    """Early decisions that the last stage would overrule."""

    early: int
    """Tweets decided before the last stage."""
    tweets: int
    """Those of them on which the last stage disagrees."""
    share: float
    low: float
    """One-sided 95 % lower bound of the share, for all results of an evaluation together."""
    high: float
    """One-sided 95 % upper bound of the share."""

    def verdict(self, promised: float) -> Verdict:
        """Return `broken` if the share is above the promised one with 95 % confidence, `kept` if it is below."""
        return "broken" if self.low > promised else "kept" if self.high <= promised else "unclear"


@dataclass(frozen=True)
class GroupResult:
    """The evaluation of one group of tweets, or of all."""

    group: str
    tweets: int
    disasters: float
    """Share."""
    deferral: float
    """Share of the tweets that reach the last stage."""
    cascade: Measures
    strong: Measures
    """Of the last stage, asked about every tweet."""
    overruled: Overruled

    @property
    def gap(self) -> float:
        """The cascade's accuracy less the strong stage's."""
        return self.cascade.accuracy - self.strong.accuracy


@dataclass(frozen=True)
class Evaluation:
    """An artifact's results for all tweets and for each group, that with the largest gap first."""

    manifest: Manifest
    total: GroupResult
    groups: list[GroupResult]
    left_out: Counter[str]
    """Rows that were left out, by their label, which means neither a disaster nor none."""

    @property
    def policy(self) -> Policy | None:
        """What training promised; None of an artifact of a single model."""
        return self.manifest.policy

    @property
    def results(self) -> list[GroupResult]:
        """All results, the total first; a single group is the total."""
        return [self.total, *self.groups] if len(self.groups) > 1 else [self.total]

    def verdict(self, result: GroupResult) -> Verdict | None:
        """Return whether the promised share of overruled decisions is kept; None without a promise."""
        return result.overruled.verdict(self.policy.overruled_high) if self.policy else None

    @property
    def broken(self) -> list[str]:
        """The groups whose promise is broken, `all` for all tweets."""
        return [result.group for result in self.results if self.verdict(result) == "broken"]


def evaluate_groups(
    manifest: Manifest, decisions: Decisions, groups: Sequence[str], left_out: Counter[str]
) -> Evaluation:
    """Return the results of an artifact.

    Args:
        manifest: of the artifact.
        decisions: of its cascade for n tweets.
        groups: each tweet's, shape (n,).
        left_out: rows that were left out, by label.

    """
    found = list(split_groups(groups))
    tested = len(found) + (len(found) > 1)
    results = [_result(decisions.of(rows), name, tested) for name, rows in found]
    worst_first = sorted(results, key=lambda result: (result.gap, result.group))
    return Evaluation(manifest, _result(decisions, "all", tested), worst_first, left_out)


def split_groups(groups: Sequence[str]) -> Iterator[tuple[str, Bools]]:
    """Yield each group with its rows, shape (n,)."""
    names, codes = np.unique(np.array(groups, dtype=str), return_inverse=True)
    yield from ((str(name), codes == n) for n, name in enumerate(names))


def _result(decisions: Decisions, group: str, tested: int) -> GroupResult:
    """Return the result of one of so many groups whose promise is tested together."""
    early, overruled = decisions.decided_early, decisions.overruled
    return GroupResult(
        group=group,
        tweets=len(decisions.targets),
        disasters=float(decisions.targets.mean()),
        deferral=decisions.routing.reach(decisions.stages - 1),
        cascade=_measure(decisions.targets, decisions.routing.probability),
        strong=_measure(decisions.targets, decisions.last),
        overruled=Overruled(
            early, overruled, overruled / max(1, early), lower_bound(overruled, early, tested),
            upper_bound(overruled, early),
        ),
    )  # fmt: skip


def _measure(targets: Targets, p: Floats) -> Measures:
    measured = scores(targets, p >= 0.5)
    return Measures(
        accuracy=measured["accuracy"],
        f1=measured["f1"],
        f1_macro=float(f1_score(targets, p >= 0.5, average="macro", zero_division=0)),
        roc_auc=float(roc_auc_score(targets, p)) if 0 < targets.mean() < 1 else None,
        calibration_error=calibration_error(targets, p),
    )

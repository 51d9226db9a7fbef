"""Results by group."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from training.artifact_evaluation.groups import Evaluation, Verdict, evaluate_groups
from training.cascade.bands import Routing
from training.cascade.decisions import Decisions
from worker.models.artifact import read_manifest

SIZE = 100
"""Tweets in each group; every other one is a disaster."""


def evaluate(artifact: Path, wrong: Mapping[str, int]) -> Evaluation:
    """Return the results of groups of tweets of which the first stage decides three quarters, so many wrongly.

    The last stage is always right, and it decides the rest. The artifact promises at most 4 % overruled decisions.
    """
    groups = [name for name in wrong for _ in range(SIZE)]
    targets = np.tile([0, 1], len(groups) // 2)
    mistaken = np.concatenate([np.arange(SIZE) < n for n in wrong.values()])
    decided_by = np.tile(np.arange(SIZE) >= 0.75 * SIZE, len(wrong)).astype(np.intp)
    routing = Routing(np.where(mistaken, 1 - targets, targets) * 0.8 + 0.1, decided_by)
    decisions = Decisions(targets, routing, last=targets * 0.6 + 0.2, stages=2)
    return evaluate_groups(read_manifest(artifact), decisions, groups, Counter())


def test_the_group_with_the_largest_gap_comes_first(small_artifact: Path) -> None:
    """The user sees first where the cascade suits the stream least; all tweets have a result of their own."""
    found = evaluate(small_artifact, {"a": 2, "b": 30, "c": 10})
    assert [result.group for result in found.groups] == ["b", "c", "a"]
    assert [result.gap for result in found.groups] == pytest.approx([-0.3, -0.1, -0.02])
    assert [result.group for result in found.results] == ["all", "b", "c", "a"]
    assert found.total.tweets == 300
    assert found.total.gap == pytest.approx(-0.14)


def test_the_scores_are_of_the_cascade_and_of_the_strong_stage(small_artifact: Path) -> None:
    """A cascade that is wrong on a tenth, equally in both classes, has 0.9 everywhere; its strong stage has 1."""
    [result] = evaluate(small_artifact, {"a": 10}).groups
    assert (result.deferral, result.disasters) == (0.25, 0.5)
    assert result.cascade.accuracy == result.cascade.f1 == result.cascade.f1_macro == pytest.approx(0.9)
    assert result.cascade.roc_auc == pytest.approx(0.9)
    assert result.cascade.calibration_error == pytest.approx(0.0, abs=1e-9), "0.1 and 0.9, of which a tenth is wrong"
    assert (result.strong.accuracy, result.strong.roc_auc) == (1, 1)
    assert result.strong.calibration_error == pytest.approx(0.2)


@pytest.mark.parametrize(("wrong", "verdict"), [(0, "kept"), (3, "unclear"), (20, "broken")])
def test_the_promise_is_broken_only_beyond_doubt(wrong: int, verdict: Verdict, small_artifact: Path) -> None:
    """3 of 75 early decisions are the promised 4 %, 0 and 20 are on either side with confidence."""
    found = evaluate(small_artifact, {"a": wrong})
    overruled = found.total.overruled
    assert (overruled.early, overruled.tweets) == (75, wrong)
    assert overruled.share == pytest.approx(wrong / 75)
    assert overruled.low <= overruled.share <= overruled.high
    assert found.verdict(found.total) == verdict
    assert found.broken == (["all"] if verdict == "broken" else [])


def test_many_groups_are_tested_together(small_artifact: Path) -> None:
    """8 of 75 alone break the promise; as the worst of forty groups they may be chance."""
    assert evaluate(small_artifact, {"a": 8}).broken == ["all"]
    assert "a" not in evaluate(small_artifact, {"a": 8, **{f"b{n}": 0 for n in range(40)}}).broken


def test_a_group_of_one_class_has_no_auc(small_artifact: Path) -> None:
    """An event may have only tweets about it."""
    decisions = Decisions(np.ones(4, np.int64), Routing(np.full(4, 0.9), np.zeros(4, np.intp)), np.full(4, 0.8), 2)
    found = evaluate_groups(read_manifest(small_artifact), decisions, ["a"] * 4, Counter())
    assert (found.total.cascade.roc_auc, found.total.cascade.accuracy) == (None, 1)

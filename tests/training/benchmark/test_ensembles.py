"""Several models that answer as one."""

from collections.abc import Sequence

import numpy as np
import pytest

from training.benchmark.ensembles import (
    CHAPTER,
    WAYS,
    Experiments,
    Way,
    best_members,
    chapter_average,
    ensembles,
    unseen,
)
from training.benchmark.experiment import Experiment
from worker.models.ensemble import combine
from worker.types import Floats

TARGETS = np.random.default_rng(0).integers(0, 2, 400)


def experiment(name: str, p: Floats) -> Experiment:
    """Return one that knows what a model says of training and held-out tweets: the same here."""
    return Experiment(name, 42, p, p, [], 10, 5, 2.0, 0.5)


def guesses(seed: int, skill: float) -> Floats:
    """Return probabilities that lean towards the targets by the skill, with errors of their own."""
    noise = np.random.default_rng(seed).normal(0, 1, len(TARGETS))
    return np.asarray(1 / (1 + np.exp(-(skill * (2 * TARGETS - 1) + noise))))


def models(names: Sequence[str] = CHAPTER, skill: float = 1.0) -> Experiments:
    """Return models of equal skill that err independently."""
    return {name: experiment(name, guesses(i + 1, skill)) for i, name in enumerate(names)}


def accuracy(p: Floats) -> float:
    """Return the share of right verdicts."""
    return float(((p >= 0.5) == TARGETS).mean())


@pytest.mark.parametrize("way", WAYS)
def test_together_they_are_better(way: Way) -> None:
    """Each way gains from models that err independently, in what it says of held-out and of training tweets."""
    single = models()
    team = next(team for team in ensembles(single, TARGETS) if team.experiment.model == f"ensemble_{way}")
    best_single = max(accuracy(e.held_out) for e in single.values())
    assert accuracy(team.experiment.held_out) > best_single
    assert accuracy(team.experiment.out_of_fold) > best_single
    p = np.column_stack([single[name].held_out for name in team.members])
    np.testing.assert_allclose(combine(team.combiner, p), team.experiment.held_out)


@pytest.mark.parametrize("way", ["average", "vote"])
def test_the_best_set_leaves_out_what_does_not_help(way: Way) -> None:
    """A model that knows nothing is not taken in where it would have a say; stacking gives it no weight."""
    useless = np.random.default_rng(9).uniform(size=len(TARGETS))
    single = {"useless": experiment("useless", useless), **models()}
    assert "useless" not in best_members(way, single, TARGETS)


def test_voters_are_of_odd_number() -> None:
    """No vote is tied; of two models alone, which cannot vote, both are taken."""
    assert len(best_members("vote", models(("a", "b", "c", "d")), TARGETS)) == 3
    assert best_members("vote", models(("a", "b")), TARGETS) == ("a", "b")


def test_stacking_is_measured_on_what_it_has_not_seen() -> None:
    """Members that know nothing stay at a coin's accuracy: no target leaks from a fold into its own predictions."""
    noise = np.random.default_rng(5).uniform(0.01, 0.99, (len(TARGETS), 40))
    assert 0.4 < accuracy(unseen("stacking", noise, TARGETS)) < 0.6


def test_the_chapters_average_counts_a_sure_no_as_a_yes() -> None:
    """What the notebook computes is shown beside ours, and differs where the baseline says no."""
    says = dict(zip(CHAPTER, ([0.1], [0.4], [0.4]), strict=True))
    single = {name: experiment(name, np.array(p)) for name, p in says.items()}
    assert chapter_average(single) == pytest.approx((0.9 + 0.4 + 0.4) / 3)


@pytest.mark.parametrize(("names", "expected"), [(("baseline",), 0), (("a", "b", "c"), 3), (CHAPTER, 6)])
def test_ensembles_need_their_members(names: Sequence[str], expected: int) -> None:
    """With --models some are missing: then there is none of the chapter's, and none at all of one."""
    assert len(list(ensembles(models(names), TARGETS))) == expected


def test_costs_add_up() -> None:
    """An ensemble takes its members' time and memory together."""
    team = next(iter(ensembles(models(), TARGETS)))
    assert (team.experiment.parameters, team.experiment.fit_seconds, team.experiment.predict_seconds) == (30, 6.0, 1.5)

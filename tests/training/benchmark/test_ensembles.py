"""Ensembles and the selection of their members."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from training.benchmark.ensembles import (
    CHAPTER,
    METHODS,
    Experiments,
    Method,
    chapter_average,
    combine_out_of_fold,
    ensembles,
    select_members,
)
from training.benchmark.experiment import Experiment
from worker.models.ensemble import combine
from worker.types import Floats

TARGETS = np.random.default_rng(0).integers(0, 2, 400)


def experiment(name: str, p: Floats) -> Experiment:
    """Return an experiment with these probabilities for both training and held-out tweets."""
    return Experiment(name, 42, p, p, [], 10, 5, 2.0, 0.5)


def guesses(seed: int, skill: float) -> Floats:
    """Return probabilities that follow the targets by the skill, with independent errors."""
    noise = np.random.default_rng(seed).normal(0, 1, len(TARGETS))
    return np.asarray(1 / (1 + np.exp(-(skill * (2 * TARGETS - 1) + noise))))


def models(names: Sequence[str] = CHAPTER, skill: float = 1.0) -> Experiments:
    """Return models of equal skill with independent errors."""
    return {name: experiment(name, guesses(i + 1, skill)) for i, name in enumerate(names)}


def accuracy(p: Floats) -> float:
    """Return the share of correct labels."""
    return float(((p >= 0.5) == TARGETS).mean())


@pytest.mark.parametrize("method", METHODS)
def test_an_ensemble_is_better_than_its_members(method: Method) -> None:
    """Each method gains from independent errors, on held-out and on training tweets."""
    single = models()
    ensemble = next(e for e in ensembles(single, TARGETS) if e.experiment.model == f"ensemble_{method}")
    best_single = max(accuracy(e.held_out) for e in single.values())
    assert accuracy(ensemble.experiment.held_out) > best_single
    assert accuracy(ensemble.experiment.out_of_fold) > best_single
    p = np.column_stack([single[name].held_out for name in ensemble.members])
    np.testing.assert_allclose(combine(ensemble.combiner, p), ensemble.experiment.held_out)


@pytest.mark.parametrize("method", ["average", "vote"])
def test_a_model_that_does_not_help_is_not_selected(method: Method) -> None:
    """A random model is left out of averages and votes; stacking may select it with a weight near zero."""
    useless = np.random.default_rng(9).uniform(size=len(TARGETS))
    single = {"useless": experiment("useless", useless), **models()}
    assert "useless" not in select_members(method, single, TARGETS)


def test_the_number_of_voters_is_odd() -> None:
    """An odd number rules out tied votes; of only two models both are selected."""
    assert len(select_members("vote", models(("a", "b", "c", "d")), TARGETS)) == 3
    assert select_members("vote", models(("a", "b")), TARGETS) == ("a", "b")


def test_forward_selection_finds_the_best_set() -> None:
    """On models of different skill the greedy search selects what an exhaustive one does."""
    skills = {"a": 0.9, "b": 0.2, "c": 1.1, "d": 0.05, "e": 0.7, "f": 0.4}
    single = {name: experiment(name, guesses(i, skill)) for i, (name, skill) in enumerate(skills.items())}

    def brier(members: tuple[str, ...]) -> float:
        return float(np.mean((np.mean([single[name].out_of_fold for name in members], axis=0) - TARGETS) ** 2))

    sets = [members for size in range(2, 7) for members in combinations(single, size)]
    assert select_members("average", single, TARGETS) == min(sets, key=brier)


def test_members_are_in_the_order_of_the_models() -> None:
    """The artifact of a set of models does not depend on the order in which they were selected."""
    names = tuple("abcdef")
    for method in METHODS:
        members = select_members(method, models(names, skill=0.5), TARGETS)
        assert members == tuple(name for name in names if name in members)


def test_stacking_is_cross_validated() -> None:
    """Stacking random members has the accuracy of a coin: no target leaks into its own fold's predictions."""
    noise = np.random.default_rng(5).uniform(0.01, 0.99, (len(TARGETS), 40))
    assert 0.4 < accuracy(combine_out_of_fold("stacking", noise, TARGETS)) < 0.6


def test_the_chapters_average_counts_a_confident_no_as_a_yes() -> None:
    """The notebook's average takes 1 - p of a baseline that predicts no disaster; it is reported as it is."""
    p = dict(zip(CHAPTER, ([0.1], [0.4], [0.4]), strict=True))
    single = {name: experiment(name, np.array(values)) for name, values in p.items()}
    assert chapter_average(single) == pytest.approx((0.9 + 0.4 + 0.4) / 3)


@pytest.mark.parametrize(("names", "expected"), [(("baseline",), 0), (("a", "b", "c"), 3), (CHAPTER, 6)])
def test_ensembles_need_their_members(names: Sequence[str], expected: int) -> None:
    """The chapter's ensembles are left out if --models lacks a member, and all are if it names one model only."""
    assert len(list(ensembles(models(names), TARGETS))) == expected


def test_costs_add_up() -> None:
    """An ensemble's parameters and times are the sums of its members'."""
    experiment = next(iter(ensembles(models(), TARGETS))).experiment
    assert (experiment.parameters, experiment.fit_seconds, experiment.predict_seconds) == (30, 6.0, 1.5)

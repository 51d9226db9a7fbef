"""Candidate cascades."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.cascade.test_bands import drawn
from training.cascade.candidates import all_chains, decide_by_folds, evaluate_chains
from training.cascade.folds import split_folds
from training.cascade.out_of_fold import CrossValidation, OutOfFold
from training.evaluation import calibration_error


def out_of_fold() -> OutOfFold:
    """Return invented predictions and times of two fast models and a strong one."""
    p, targets = drawn(600)
    probabilities = {"cheap": p[:, 0], "middle": p.mean(axis=1), "strong": p[:, 1]}
    seconds = {"cheap": 1e-5, "middle": 1e-4, "strong": 1e-3}
    return OutOfFold(targets, probabilities, seconds, split_folds(targets, seed=0))


def validated() -> CrossValidation:
    """Return the same predictions for both kinds of folds."""
    return CrossValidation(out_of_fold(), out_of_fold())


def test_every_chain_of_fast_models_before_a_strong_one_is_tried() -> None:
    """Chains have two stages or more, and the fast models keep their order."""
    assert list(all_chains(("a", "b"), (("y",), ("y", "z")))) == [
        ("a", "y"), ("a", "y", "z"), ("b", "y"), ("b", "y", "z"), ("a", "b", "y"), ("a", "b", "y", "z"),
    ]  # fmt: skip


def test_shares_and_costs_add_up() -> None:
    """The stages decide all tweets between them, and a tweet costs the time of every stage that it reaches."""
    found = evaluate_chains([("cheap", "strong"), ("cheap", "middle", "strong")], validated())
    for candidate in found:
        stages = candidate.stages
        assert sum(facts.decides for facts in stages.values()) == pytest.approx(1)
        assert list(stages) == list(candidate.chain)
        reach, seconds = 1.0, 0.0
        for facts in stages.values():
            seconds += reach * facts.seconds
            reach -= facts.decides
        assert candidate.point.seconds == pytest.approx(seconds)
        assert candidate.point.f1_difference_low <= candidate.point.f1_difference
    widest = max(found, key=lambda c: (len(c.chain) == 2, c.shares[-1]))
    assert widest.shares == (1.0,)
    assert widest.point.deferral == pytest.approx(1, abs=0.02)


def test_higher_limits_defer_more() -> None:
    """The curve goes from the fast stage alone to the strong one, which is more accurate."""
    two = evaluate_chains([("cheap", "strong")], validated())
    assert [c.shares[0] for c in two] == sorted(c.shares[0] for c in two)
    assert two[0].point.deferral == 0
    accuracies = [c.point.accuracy for c in two]
    assert accuracies[-1] > accuracies[0]


def test_a_middle_stage_has_a_higher_limit_than_the_last() -> None:
    """The last stage may never see more tweets than the middle one."""
    for candidate in evaluate_chains([("cheap", "middle", "strong")], validated()):
        assert candidate.shares[0] > candidate.shares[1]


def shuffled(predictions: OutOfFold, seed: int) -> OutOfFold:
    """Return predictions whose fast model knows nothing: a model of words, on tweets with other words."""
    unknowing = np.random.default_rng(seed).permutation(predictions.probabilities["cheap"])
    return replace(predictions, probabilities={**predictions.probabilities, "cheap": unknowing})


def test_candidates_are_measured_in_both_kinds_of_folds() -> None:
    """Where the fast model knows nothing of unseen groups, its cascade is as good as before in random folds only."""
    home, away = out_of_fold(), shuffled(out_of_fold(), 1)
    chain, share = ("cheap", "strong"), 10
    candidate = evaluate_chains([chain], CrossValidation(home, away), fitted_on=home)[share]
    assert candidate.random.accuracy > candidate.point.accuracy + 0.1
    assert candidate.random == evaluate_chains([chain], CrossValidation(home, home))[share].point
    assert candidate.adjusted_low <= candidate.point.f1_difference_low


def test_what_is_fitted_on_unseen_groups_is_calibrated_for_them() -> None:
    """Fitted on random folds, the fast model's confidence misleads about unseen groups, of which it knows nothing."""
    home, away = out_of_fold(), shuffled(out_of_fold(), 1)
    both = CrossValidation(home, away)
    errors = {}
    for name, source in (("random", home), ("grouped", away)):
        candidate = evaluate_chains([("cheap", "strong")], both, source)[20]
        decisions = decide_by_folds(candidate, both, source).grouped
        errors[name] = calibration_error(away.targets, decisions.routing.probability)
        assert decisions.routing.reach(1) == pytest.approx(candidate.point.deferral)
        assert decisions.overruled / decisions.decided_early == pytest.approx(candidate.overruled)
        correct = (decisions.routing.probability >= 0.5) == away.targets
        assert correct.mean() == pytest.approx(candidate.point.accuracy)
    assert errors["grouped"] < 0.1 < errors["random"]

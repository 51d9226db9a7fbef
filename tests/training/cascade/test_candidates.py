"""Candidate cascades."""

import numpy as np
import pytest

from tests.training.cascade.test_bands import drawn
from training.cascade.candidates import all_chains, evaluate_chains, seconds_per_tweet
from training.cascade.out_of_fold import OutOfFold


def out_of_fold() -> OutOfFold:
    """Return invented predictions and times of two fast models and a strong one."""
    p, targets = drawn(600)
    middle = np.clip(p[:, 0] * 0.5 + p[:, 1] * 0.5, 0, 1)
    probabilities = {"cheap": p[:, 0], "middle": middle, "strong": p[:, 1]}
    return OutOfFold(targets, probabilities, {"cheap": 1e-5, "middle": 1e-4, "strong": 1e-3})


def test_every_chain_of_fast_models_before_a_strong_one_is_tried() -> None:
    """Chains have two stages or more, and the fast models keep their order."""
    assert list(all_chains(("a", "b"), ("y", "z"))) == [
        ("a", "y"), ("a", "z"), ("b", "y"), ("b", "z"), ("a", "b", "y"), ("a", "b", "z"),
    ]  # fmt: skip


def test_shares_and_costs_add_up() -> None:
    """The stages decide all tweets between them, and a tweet costs the time of every stage that it reaches."""
    found = evaluate_chains([("cheap", "strong"), ("cheap", "middle", "strong")], out_of_fold())
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
    two = evaluate_chains([("cheap", "strong")], out_of_fold())
    assert [c.shares[0] for c in two] == sorted(c.shares[0] for c in two)
    assert two[0].point.deferral == 0
    accuracies = [c.point.accuracy for c in two]
    assert accuracies[-1] > accuracies[0]


def test_a_middle_stage_has_a_higher_limit_than_the_last() -> None:
    """The last stage may never see more tweets than the middle one."""
    for candidate in evaluate_chains([("cheap", "middle", "strong")], out_of_fold()):
        assert candidate.shares[0] > candidate.shares[1]


def test_the_cost_of_the_worked_example() -> None:
    """The cost per tweet is the sum of reach times seconds, as `seconds_per_tweet` explains."""
    assert seconds_per_tweet([1.0, 0.4, 0.2], [10e-6, 100e-6, 1000e-6]) == pytest.approx(250e-6)

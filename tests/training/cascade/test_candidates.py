"""What chains of stages give."""

import numpy as np
import pytest

from tests.training.cascade.test_bands import drawn
from training.cascade.candidates import all_chains, options
from training.cascade.study import Study


def study() -> Study:
    """Return what two invented fast models and a strong one said."""
    said, targets = drawn(600)
    middle = np.clip(said[:, 0] * 0.5 + said[:, 1] * 0.5, 0, 1)
    named = {"cheap": said[:, 0], "middle": middle, "strong": said[:, 1]}
    return Study(targets, named, {"cheap": 1e-5, "middle": 1e-4, "strong": 1e-3})


def test_every_chain_of_fast_models_before_a_strong_one_is_tried() -> None:
    """Two stages and more, from the cheapest on."""
    assert list(all_chains(("a", "b"), ("y", "z"))) == [
        ("a", "y"), ("a", "z"), ("b", "y"), ("b", "z"), ("a", "b", "y"), ("a", "b", "z"),
    ]  # fmt: skip


def test_figures_are_of_what_is_served() -> None:
    """Shares add up to all tweets, costs to what reaches each stage, and the strong stage alone differs by nothing."""
    found = options([("cheap", "strong"), ("cheap", "middle", "strong")], study())
    for option in found:
        stages = option.stages
        assert sum(facts.decides for facts in stages.values()) == pytest.approx(1)
        assert list(stages) == list(option.chain)
        reach, seconds = 1.0, 0.0
        for facts in stages.values():
            seconds += reach * facts.seconds
            reach -= facts.decides
        assert option.point.seconds == pytest.approx(seconds)
        assert option.point.f1_difference_low <= option.point.f1_difference
    widest = max(found, key=lambda o: (len(o.chain) == 2, o.shares[-1]))
    assert widest.shares == (1.0,)
    assert widest.point.deferral == pytest.approx(1, abs=0.02)


def test_wider_bands_reach_the_last_stage_more_often() -> None:
    """The curve goes from the fast stage alone to the strong one alone."""
    two = options([("cheap", "strong")], study())
    assert [o.shares[0] for o in two] == sorted(o.shares[0] for o in two)
    assert two[0].point.deferral == 0
    accuracies = [o.point.accuracy for o in two]
    assert accuracies[-1] > accuracies[0]


def test_a_stage_in_the_middle_takes_most_of_what_is_deferred() -> None:
    """Never does the last stage get more than the middle one."""
    for option in options([("cheap", "middle", "strong")], study()):
        assert option.shares[0] > option.shares[1]

"""The choice of a candidate."""

from dataclasses import replace

import pytest

from schemas import OperatingPoint
from training.cascade.bands import Shares
from training.cascade.candidates import Candidate
from training.cascade.selection import Goal, choose
from worker.errors import SettingError


def candidate(
    shares: Shares, accuracy: float, low: float, seconds: float = 0.001, chain: str = "a,z", overruled: float = 0.01
) -> Candidate:
    """Return a candidate with these figures in both kinds of folds."""
    point = OperatingPoint(
        deferral=shares[-1], accuracy=accuracy, f1=accuracy, f1_difference=low + 0.003, f1_difference_low=low,
        seconds=seconds,
    )  # fmt: skip
    return Candidate(tuple(chain.split(",")), shares, point, point, {}, low, overruled)


ONE = [
    candidate((0.0,), 0.79, -0.05, 0.0001),
    candidate((0.1,), 0.82, -0.004, 0.0002),
    candidate((0.2,), 0.83, -0.009, 0.0003),
    candidate((0.3,), 0.84, -0.003, 0.0004),
    candidate((1.0,), 0.85, 0.0, 0.0010),
]
OTHER = [candidate((share,), 0.835, -0.02, 0.0001 + share / 1000, "b,z") for share in (0.05, 0.9)]


@pytest.mark.parametrize(
    ("goal", "shares", "chain"),
    [
        (Goal(), (1.0,), "a"),
        (Goal(max_deferral=0.2), (0.05,), "b"),
        (Goal(max_deferral=0.04), (0.0,), "a"),
        (Goal(tweets_per_second=2000), (0.3,), "a"),
        (Goal(max_deferral=0.3, tweets_per_second=3000), (0.2,), "a"),
        (Goal(min_f1_vs_strong=-0.03), (0.05,), "b"),
    ],
)
def test_the_best_that_meets_the_goal_is_chosen(goal: Goal, shares: Shares, chain: str) -> None:
    """It is the most accurate within a limit on cost, and the cheapest for a minimum F1."""
    chosen = choose(goal, [*ONE, *OTHER]) if goal.tweets_per_second is None else choose(goal, ONE)
    assert (chosen.shares, chosen.chain[0]) == (shares, chain)


def test_the_limit_on_deferral_holds_for_the_measured_share() -> None:
    """A candidate whose measured deferral exceeds the limit is not chosen, whatever its nominal limit."""
    nominal = candidate((0.05,), 0.83, 0)
    exceeding = replace(nominal, random=nominal.random.model_copy(update={"deferral": 0.053}))
    within = candidate((0.04,), 0.82, 0)
    assert choose(Goal(max_deferral=0.05), [within, exceeding]) == within
    with pytest.raises(SettingError, match=r"--max-deferral 0\.06"):
        choose(Goal(max_deferral=0.05), [exceeding])


def test_cost_is_limited_for_tweets_like_those_of_the_training_and_accuracy_is_of_unseen_groups() -> None:
    """Of unseen groups a good cascade defers more: a limit there would make it decide what it does not know."""
    plain = candidate((0.1,), 0.82, 0)
    away = plain.point.model_copy(update={"deferral": 0.3, "seconds": 0.01, "accuracy": 0.83})
    better = replace(plain, point=away)
    assert choose(Goal(max_deferral=0.2), [plain, better]) == better
    assert choose(Goal(tweets_per_second=500), [plain, better]) == better


def test_of_equally_accurate_candidates_the_last_stage_overrules_the_chosen_one_least() -> None:
    """A tenth of a point of accuracy is chance; a fifth is not."""
    best, equal = candidate((0.1,), 0.82, 0, overruled=0.03), candidate((0.2,), 0.8191, 0, overruled=0.01)
    worse = candidate((0.3,), 0.818, 0, overruled=0.0)
    assert choose(Goal(), [best, equal, worse]) == equal


def test_the_first_failed_test_ends_the_search() -> None:
    """Once the bound fails at 20 %, a bound that holds at 10 % is ignored: of many tests, one passes by luck."""
    assert choose(Goal(min_f1_vs_strong=-0.005), ONE).shares == (0.3,)


def test_of_equals_the_cheapest_is_chosen() -> None:
    """Of two equally accurate candidates, the cheaper one is chosen."""
    same = [candidate((0.1,), 0.8, 0, 0.0002), candidate((0.2,), 0.8, 0, 0.0003)]
    assert choose(Goal(max_deferral=0.2), same).shares == (0.1,)


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        (Goal(tweets_per_second=20_000), "20,000 tweets a second; .*--tweets-per-second 10000"),
        (Goal(min_f1_vs_strong=0.01), r"\+0.0100 from the strong stage's; .*--min-f1-vs-strong 0.0000"),
        (Goal(max_deferral=0.05, min_f1_vs_strong=-0.005), "--min-f1-vs-strong -0.0500"),
    ],
)
def test_an_impossible_goal_is_rejected_with_the_nearest_value(goal: Goal, message: str) -> None:
    """The message names the flag and the value that can be met."""
    with pytest.raises(SettingError, match=message):
        choose(goal, ONE)


def test_the_nearest_value_can_be_met() -> None:
    """The value in the message is rounded so that passing it back succeeds."""
    awkward = [candidate((0.1,), 0.8, -0.00432187, 0.000217)]
    assert choose(Goal(min_f1_vs_strong=-0.0044), awkward)
    with pytest.raises(SettingError, match="--min-f1-vs-strong -0.0044"):
        choose(Goal(min_f1_vs_strong=0), awkward)
    with pytest.raises(SettingError, match="--tweets-per-second 4608"):
        choose(Goal(tweets_per_second=5000), awkward)
    assert choose(Goal(tweets_per_second=4608), awkward)


def test_a_goal_is_printed_in_words() -> None:
    """The manifest records the goal as text."""
    assert str(Goal(max_deferral=0.2)) == "at most 20% of the tweets sent to its last stage"
    assert " and " in str(Goal(max_deferral=0.2, tweets_per_second=10))

"""Which cascade is wanted, and which of those that were measured it is. Pure."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from training.cascade.candidates import Option
from worker.errors import SettingError


@dataclass(frozen=True)
class Goal:
    """What the user asks of a cascade; all that is given must hold."""

    max_deferral: float | None = None
    """Largest share of tweets that may reach the last stage."""
    tweets_per_second: float | None = None
    """Least speed of the models alone, on this machine."""
    min_f1_vs_strong: float | None = None
    """Least lower bound of F1 less the strong stage's alone."""

    def __str__(self) -> str:
        """Say it in words."""
        return " and ".join(rule.words for rule in _rules(self)) or "the most accurate cascade"


def choose(goal: Goal, options: Sequence[Option]) -> Option:
    """Return the most accurate of the options that meet the goal; the cheapest, if the goal is an F1 to be kept.

    Args:
        goal: what is wanted.
        options: each chain's together, from its narrowest bands to its widest.

    Raises:
        SettingError: none meets the goal; it names the nearest one that can be had.

    """
    left = list(options)
    for rule in _rules(goal):
        met = list(rule.keep(left))
        if not met:
            nearest = max(left, key=rule.closeness)
            raise SettingError(f"no cascade has {rule.words}; the nearest that can be had: {rule.shown(nearest)}")
        left = met
    if goal.min_f1_vs_strong is not None:
        return min(left, key=lambda option: (option.point.seconds, -option.point.accuracy))
    return max(left, key=lambda option: (option.point.accuracy, -option.point.seconds))


@dataclass(frozen=True)
class _Rule:
    """One part of a goal."""

    words: str
    keep: Callable[[Sequence[Option]], Iterator[Option]]
    closeness: Callable[[Option], float]
    shown: Callable[[Option], str]


def _rules(goal: Goal) -> Iterator[_Rule]:
    if goal.max_deferral is not None:
        yield _deferral(goal.max_deferral)
    if goal.tweets_per_second is not None:
        yield _speed(goal.tweets_per_second)
    if goal.min_f1_vs_strong is not None:
        yield _f1(goal.min_f1_vs_strong)


def _deferral(most: float) -> _Rule:
    return _Rule(
        f"at most {most:.0%} of the tweets sent to its last stage",
        lambda options: (o for o in options if o.shares[-1] <= most),
        lambda option: -option.shares[-1],
        lambda option: f"--max-deferral {option.shares[-1]:.2f}",
    )


def _speed(least: float) -> _Rule:
    return _Rule(
        f"at least {least:,.0f} tweets a second",
        lambda options: (o for o in options if speed(o) >= least),
        speed,
        lambda option: f"--tweets-per-second {int(speed(option))}",
    )


def speed(option: Option) -> float:
    """Return how many tweets a second the models label, without Kafka's part."""
    return 1 / option.point.seconds


def _f1(least: float) -> _Rule:
    return _Rule(
        f"an F1 of which it is 95 % sure that it is at least {least:+.4f} from the strong stage's",
        lambda options: _sure_of(least, options),
        lambda option: option.point.f1_difference_low,
        lambda option: f"--min-f1-vs-strong {_floor(option.point.f1_difference_low)}",
    )


def _sure_of(least: float, options: Sequence[Option]) -> Iterator[Option]:
    """Yield the options whose lower bound is high enough, of each chain from the widest bands to the first that fails.

    Tested in an order that was fixed before, each at the full confidence, whichever is taken has it too (fixed
    sequence testing; Angelopoulos et al. 2021, "Learn then Test").
    """
    for _, sequence in groupby(options, key=lambda option: (option.chain, option.shares[:-1])):
        widest_first = reversed(list(sequence))
        yield from takewhile(lambda option: option.point.f1_difference_low >= least, widest_first)


def _floor(value: float) -> str:
    """Return the value with four digits, never more than it is."""
    return f"{math.floor(value * 1e4) / 1e4:.4f}"

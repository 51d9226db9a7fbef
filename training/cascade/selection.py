"""The user's goal, and the choice of the candidate that meets it best. Pure."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from schemas import OperatingPoint
from training.cascade.candidates import Candidate
from worker.errors import SettingError

_CHANCE = 0.001
"""Difference of accuracies that says nothing: neighbouring widths of a band differ by as much."""


@dataclass(frozen=True)
class Goal:
    """Constraints on the cascade; every one that is given must hold."""

    max_deferral: float | None = None
    """Largest measured share of tweets that may reach the last stage, in random folds."""
    tweets_per_second: float | None = None
    """Minimum throughput of the models alone, on this machine, in random folds."""
    min_f1_vs_strong: float | None = None
    """Minimum of the lower bound of F1 less that of the strong stage alone, in random folds and in grouped ones."""

    def __str__(self) -> str:
        """Return the goal in words."""
        return " and ".join(constraint.words for constraint in _constraints(self)) or "the most accurate cascade"


def choose(goal: Goal, candidates: Sequence[Candidate]) -> Candidate:
    """Return the most accurate candidate on unseen groups that meets the goal; with a minimum F1, the cheapest one.

    Of candidates that are equal but for chance, the one whose early decisions the last stage overrules least is taken.

    Args:
        goal: the constraints.
        candidates: those of one chain together, from the lowest limit on deferral to the highest.

    Raises:
        SettingError: no candidate meets the goal; the message names the nearest value that can be met.

    """
    remaining = list(candidates)
    for constraint in _constraints(goal):
        met = list(constraint.filter(remaining))
        if not met:
            nearest = max(remaining, key=constraint.closeness)
            raise SettingError(
                f"no cascade has {constraint.words}; the nearest value that can be met: {constraint.flag(nearest)}"
            )
        remaining = met
    if goal.min_f1_vs_strong is not None:
        return min(remaining, key=lambda candidate: (candidate.point.seconds, -candidate.point.accuracy))
    return _most_faithful(remaining)


def _most_faithful(candidates: Sequence[Candidate]) -> Candidate:
    """Return, of the candidates that are as accurate as the best but for chance, the one that is overruled least.

    Which of them is the most accurate is luck. Which of them decides as the last stage would is not: there each early
    decision counts, not only the wrong ones.
    """
    best = max(candidate.point.accuracy for candidate in candidates)
    equal = [candidate for candidate in candidates if candidate.point.accuracy >= best - _CHANCE]
    return min(equal, key=lambda c: (c.overruled, -c.point.accuracy, c.point.seconds))


@dataclass(frozen=True)
class _Constraint:
    """One part of a goal."""

    words: str
    filter: Callable[[Sequence[Candidate]], Iterator[Candidate]]
    closeness: Callable[[Candidate], float]
    flag: Callable[[Candidate], str]


def _constraints(goal: Goal) -> Iterator[_Constraint]:
    if goal.max_deferral is not None:
        yield _deferral(goal.max_deferral)
    if goal.tweets_per_second is not None:
        yield _throughput(goal.tweets_per_second)
    if goal.min_f1_vs_strong is not None:
        yield _f1(goal.min_f1_vs_strong)


def _deferral(limit: float) -> _Constraint:
    return _Constraint(
        f"at most {limit:.0%} of the tweets sent to its last stage",
        lambda candidates: (c for c in candidates if c.random.deferral <= limit),
        lambda candidate: -candidate.random.deferral,
        lambda candidate: f"--max-deferral {_ceiling(candidate.random.deferral)}",
    )


def _throughput(minimum: float) -> _Constraint:
    return _Constraint(
        f"at least {minimum:,.0f} tweets a second",
        lambda candidates: (c for c in candidates if throughput(c.random) >= minimum),
        lambda candidate: throughput(candidate.random),
        lambda candidate: f"--tweets-per-second {int(throughput(candidate.random))}",
    )


def throughput(point: OperatingPoint) -> float:
    """Return how many tweets per second the models label, Kafka not included."""
    return 1 / point.seconds


def _f1(minimum: float) -> _Constraint:
    return _Constraint(
        f"an F1 that is, with 95 % confidence, at least {minimum:+.4f} from the strong stage's",
        lambda candidates: _with_confidence(minimum, candidates),
        lambda candidate: candidate.adjusted_low,
        lambda candidate: f"--min-f1-vs-strong {_floor(candidate.adjusted_low)}",
    )


def _with_confidence(minimum: float, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """Yield each chain's candidates from the highest limit on deferral down to the first whose bound is too low.

    Fixed sequence testing (Angelopoulos et al. 2021, "Learn then Test"): the order is fixed in advance and each test
    has the full confidence. There are several such sequences, so the bounds are adjusted for their number (Bonferroni):
    whichever candidate of whichever sequence is taken has that confidence too.
    """
    for _, sequence in groupby(candidates, key=lambda candidate: (candidate.chain, candidate.shares[:-1])):
        highest_first = reversed(list(sequence))
        yield from takewhile(lambda candidate: candidate.adjusted_low >= minimum, highest_first)


def _ceiling(value: float) -> str:
    """Return the value rounded up to two digits."""
    return f"{math.ceil(value * 1e2) / 1e2:.2f}"


def _floor(value: float) -> str:
    """Return the value rounded down to four digits."""
    return f"{math.floor(value * 1e4) / 1e4:.4f}"

"""The user's goal, and the choice of the candidate that meets it best. Pure."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from training.cascade.candidates import Candidate
from worker.errors import SettingError


@dataclass(frozen=True)
class Goal:
    """Constraints on the cascade; every one that is given must hold, in random folds and in grouped ones."""

    max_deferral: float | None = None
    """Largest measured share of tweets that may reach the last stage."""
    tweets_per_second: float | None = None
    """Minimum throughput of the models alone, on this machine."""
    min_f1_vs_strong: float | None = None
    """Minimum of the lower bound of F1 less that of the strong stage alone."""

    def __str__(self) -> str:
        """Return the goal in words."""
        return " and ".join(constraint.words for constraint in _constraints(self)) or "the most accurate cascade"


def choose(goal: Goal, candidates: Sequence[Candidate]) -> Candidate:
    """Return the most accurate candidate that meets the goal; with a minimum F1, the cheapest one.

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
    return max(remaining, key=lambda candidate: (candidate.point.accuracy, -candidate.point.seconds))


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
        lambda candidates: (c for c in candidates if c.deferral <= limit),
        lambda candidate: -candidate.deferral,
        lambda candidate: f"--max-deferral {_ceiling(candidate.deferral)}",
    )


def _throughput(minimum: float) -> _Constraint:
    return _Constraint(
        f"at least {minimum:,.0f} tweets a second",
        lambda candidates: (c for c in candidates if c.throughput >= minimum),
        lambda candidate: candidate.throughput,
        lambda candidate: f"--tweets-per-second {int(candidate.throughput)}",
    )


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

"""Candidate cascades: chains of stages at several limits on deferral, with their accuracy and cost. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from schemas import OperatingPoint, StageFacts
from training.cascade.bands import Shares
from training.cascade.decisions import DecisionsByFolds
from training.cascade.measurement import Chain, Measured, Measurement, cross_fit
from training.cascade.out_of_fold import CrossValidation, OutOfFold

FAST = ("baseline", "use_pieces")
"""Models for the stages before the last, from the cheapest to the most expensive."""
STRONG: tuple[Chain, ...] = (("tf_hub_sentence_encoder",), ("use_svm",))
"""Models for the end of a chain."""
WITH_OTHER_ENCODER: tuple[Chain, ...] = (*STRONG, ("encoder_svm",), ("use_svm", "encoder_svm"))
"""The same where the user gives another encoder: instead of USE, or after it."""
_LAST = tuple(n / 100 for n in (*range(31), 35, 40, 50, 60, 80, 100))  # limits for the last stage
_MIDDLE = (0.2, 0.3, 0.4, 0.6)  # limits for a stage in the middle


@dataclass(frozen=True)
class Candidate:
    """A chain with limits on deferral, and what was measured of it, cross-fitted."""

    chain: Chain
    shares: Shares
    point: OperatingPoint
    """In grouped folds: on tweets of groups that nothing was trained on."""
    random: OperatingPoint
    """In random folds: on tweets like those of the training."""
    stages: dict[str, StageFacts]
    """In grouped folds."""
    adjusted_low: float
    """Lower bound of the F1 difference, in the worse kind of folds, with 95 % confidence for all sequences of
    candidates together."""
    overruled: float
    """Share of the early decisions that the last stage would overrule, in grouped folds."""


def all_chains(fast: Sequence[str] = FAST, strong: Sequence[Chain] = STRONG) -> Iterator[Chain]:
    """Yield every chain of one or more fast models, in their order, with each of the strong ends."""
    for size in range(1, len(fast) + 1):
        for first in combinations(fast, size):
            yield from ((*first, *end) for end in strong)


def evaluate_chains(
    chains: Sequence[Chain], validated: CrossValidation, fitted_on: OutOfFold | None = None
) -> list[Candidate]:
    """Return each chain at each limit on deferral, ordered by chain and from the lowest limit to the highest.

    The reference for F1 is the most accurate last stage of all chains, on every tweet.

    Args:
        chains: to try.
        validated: predictions in random and in grouped folds; candidates are measured in both.
        fitted_on: the predictions that blends and bands are fitted on; by default those in grouped folds.

    """
    source = fitted_on or validated.grouped
    grouped, random = (Measurement(chains, measured, source) for measured in (validated.grouped, validated.random))
    sequences = len({(chain, shares[:-1]) for chain in chains for shares in _limits(len(chain))})
    return [
        _candidate(chain, shares, grouped.measure(chain, shares, sequences), random.measure(chain, shares, sequences))
        for chain in chains
        for shares in _limits(len(chain))
    ]


def _limits(stages: int) -> Iterator[Shares]:
    """Yield limits on deferral for a chain of this length: each stage's is below that of the stage before."""
    for middle in combinations(_MIDDLE[::-1], stages - 2):
        yield from ((*middle, last) for last in _LAST if not middle or last < middle[-1])


def _candidate(chain: Chain, shares: Shares, grouped: Measured, random: Measured) -> Candidate:
    adjusted_low = min(grouped.adjusted_low, random.adjusted_low)
    return Candidate(chain, shares, grouped.point, random.point, grouped.stages, adjusted_low, grouped.overruled)


def decide_by_folds(chosen: Candidate, validated: CrossValidation, fitted_on: OutOfFold) -> DecisionsByFolds:
    """Return what a candidate decides in both kinds of folds; its blends and bands are fitted on the predictions."""
    kinds = (validated.random, validated.grouped)
    return DecisionsByFolds(*(cross_fit(chosen.chain, kind, fitted_on).decide(chosen.shares) for kind in kinds))

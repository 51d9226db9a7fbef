"""Accuracy and cost of chains in one kind of folds. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas import OperatingPoint, StageFacts
from training.cascade.bands import Routing, Shares
from training.cascade.confidence import Bools, f1_difference
from training.cascade.cross_fit import CrossFit
from training.cascade.out_of_fold import OutOfFold
from training.evaluation import scores

Chain = tuple[str, ...]
"""The stages' models, from fast to strong."""


class Measured(NamedTuple):
    """A chain with limits on deferral, measured."""

    point: OperatingPoint
    stages: dict[str, StageFacts]
    adjusted_low: float
    overruled: float


class Measurement:
    """Chains in one kind of folds."""

    def __init__(self, chains: Sequence[Chain], out_of_fold: OutOfFold, fitted_on: OutOfFold) -> None:
        self._out_of_fold, targets = out_of_fold, out_of_fold.targets
        self._fits = {chain: cross_fit(chain, out_of_fold, fitted_on) for chain in chains}
        last_stages = [fit.p[:, -1] >= 0.5 for fit in self._fits.values()]
        self._reference = max(last_stages, key=lambda predicted: int((predicted == targets).sum()))

    def measure(self, chain: Chain, shares: Shares, sequences: int) -> Measured:
        """Measure a chain with these limits, one of so many sequences of candidates."""
        decisions, targets = self._fits[chain].decide(shares), self._out_of_fold.targets
        routing, predicted = decisions.routing, decisions.routing.probability >= 0.5
        measured = scores(targets, predicted)
        difference = f1_difference(targets, predicted, self._reference, hypotheses=sequences)
        stages = dict(_stage_facts(chain, routing, self._out_of_fold, predicted == targets))
        seconds = [facts.seconds for facts in stages.values()]
        point = OperatingPoint(
            deferral=stages[chain[-1]].decides,
            accuracy=measured["accuracy"],
            f1=measured["f1"],
            f1_difference=difference.value,
            f1_difference_low=difference.low,
            seconds=seconds_per_tweet([routing.reach(n) for n in range(len(chain))], seconds),
        )
        return Measured(point, stages, difference.adjusted_low, decisions.overruled / max(1, decisions.decided_early))


def cross_fit(chain: Chain, out_of_fold: OutOfFold, fitted_on: OutOfFold) -> CrossFit:
    """Return the chain in the folds of the first predictions; its blends and bands are fitted on the second."""
    return CrossFit(
        out_of_fold.columns(chain), out_of_fold.targets, out_of_fold.folds, fitted_on.columns(chain), fitted_on.prior
    )


def seconds_per_tweet(reach: Sequence[float], seconds: Sequence[float]) -> float:
    """Return a cascade's mean computing time per tweet: the sum over stages of reach times the stage's time.

    Example: the baseline takes 10 us per tweet and sees every tweet, linear takes 100 us and sees 40 %, use_svm takes
    1,000 us and sees 20 %. The mean is 1.0 * 10 + 0.4 * 100 + 0.2 * 1,000 = 250 us, or 4,000 tweets per second; use_svm
    alone would label 1,000 tweets per second.

    Args:
        reach: share of all tweets that reach each stage, shape (stages,); 1 for the first.
        seconds: each stage's time for a tweet that reaches it, shape (stages,).

    """
    return sum(share * time for share, time in zip(reach, seconds, strict=True))


def _stage_facts(
    chain: Chain, routing: Routing, out_of_fold: OutOfFold, correct: Bools
) -> Iterator[tuple[str, StageFacts]]:
    for n, name in enumerate(chain):
        here = routing.decided_by == n
        accuracy = float(correct[here].mean()) if here.any() else None
        yield name, StageFacts(decides=float(here.mean()), accuracy=accuracy, seconds=out_of_fold.seconds[name])

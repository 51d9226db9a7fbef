"""Candidate cascades: chains of stages at several limits on deferral, with their accuracy and cost. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from schemas import OperatingPoint, StageFacts
from training.cascade.bands import CrossFit, Routing, Shares
from training.cascade.confidence import Bools, f1_difference
from training.cascade.out_of_fold import OutOfFold
from training.evaluation import scores

FAST = ("baseline", "linear")
"""Models for the stages before the last, from the cheapest to the most expensive."""
STRONG = ("tf_hub_sentence_encoder", "use_svm")
"""Models for the last stage."""
_LAST = tuple(n / 100 for n in (*range(31), 35, 40, 50, 60, 80, 100))  # limits for the last stage
_MIDDLE = (0.2, 0.3, 0.4, 0.6)  # limits for a stage in the middle

Chain = tuple[str, ...]
"""The stages' models, from fast to strong."""


@dataclass(frozen=True)
class Candidate:
    """A chain with limits on deferral, and what was measured of it, cross-fitted."""

    chain: Chain
    shares: Shares
    point: OperatingPoint
    stages: dict[str, StageFacts]
    adjusted_low: float
    """Lower bound of the F1 difference, with 95 % confidence for all sequences of candidates together."""


def all_chains(fast: Sequence[str] = FAST, strong: Sequence[str] = STRONG) -> Iterator[Chain]:
    """Yield every chain of one or more fast models, in their order, that ends in a strong one."""
    for size in range(1, len(fast) + 1):
        for first in combinations(fast, size):
            yield from ((*first, last) for last in strong)


def evaluate_chains(chains: Sequence[Chain], out_of_fold: OutOfFold) -> list[Candidate]:
    """Return each chain at each limit on deferral, ordered by chain and from the lowest limit to the highest.

    The reference for F1 is the most accurate last stage of all chains, on every tweet.
    """
    targets = out_of_fold.targets
    fits = {chain: CrossFit(out_of_fold.columns(chain), targets) for chain in chains}
    last_stages = [fit.p[:, -1] >= 0.5 for fit in fits.values()]
    reference = max(last_stages, key=lambda predicted: int((predicted == targets).sum()))
    sequences = len({(chain, shares[:-1]) for chain in chains for shares in _limits(len(chain))})
    return [
        _candidate(chain, shares, fit.route(shares), out_of_fold, reference, sequences)
        for chain, fit in fits.items()
        for shares in _limits(len(chain))
    ]


def _limits(stages: int) -> Iterator[Shares]:
    """Yield limits on deferral for a chain of this length: each stage's is below that of the stage before."""
    for middle in combinations(_MIDDLE[::-1], stages - 2):
        yield from ((*middle, last) for last in _LAST if not middle or last < middle[-1])


def _candidate(
    chain: Chain, shares: Shares, routing: Routing, out_of_fold: OutOfFold, reference: Bools, sequences: int
) -> Candidate:
    targets, predicted = out_of_fold.targets, routing.probability >= 0.5
    measured = scores(targets, predicted)
    difference = f1_difference(targets, predicted, reference, hypotheses=sequences)
    stages = dict(_stage_facts(chain, routing, out_of_fold, predicted == targets))
    point = OperatingPoint(
        deferral=stages[chain[-1]].decides,
        accuracy=measured["accuracy"],
        f1=measured["f1"],
        f1_difference=difference.value,
        f1_difference_low=difference.low,
        seconds=seconds_per_tweet([routing.reach(n) for n in range(len(chain))], [f.seconds for f in stages.values()]),
    )
    return Candidate(chain, shares, point, stages, difference.adjusted_low)


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

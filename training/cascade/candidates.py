"""Chains of stages, and what each one gives at which cost. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from schemas import OperatingPoint, StageFacts
from training.cascade.bands import CrossFit, Routed, Shares
from training.cascade.confidence import Verdicts, f1_difference
from training.cascade.study import Study
from training.evaluation import scores

FAST = ("baseline", "linear")
"""Models that may stand before others, from the cheapest."""
STRONG = ("tf_hub_sentence_encoder", "use_svm")
"""Models that may stand last."""
_LAST = tuple(n / 100 for n in (*range(31), 35, 40, 50, 60, 80, 100))  # shares that may reach the last stage
_MIDDLE = (0.2, 0.3, 0.4, 0.6)  # shares that may reach a stage in the middle

Chain = tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """A chain with bands of some width."""

    chain: Chain
    shares: Shares
    point: OperatingPoint
    stages: dict[str, StageFacts]


def all_chains(fast: Sequence[str] = FAST, strong: Sequence[str] = STRONG) -> Iterator[Chain]:
    """Yield every chain of fast models, from the cheapest on, that ends in a strong one."""
    for size in range(1, len(fast) + 1):
        for begin in combinations(fast, size):
            yield from ((*begin, last) for last in strong)


def options(chains: Sequence[Chain], study: Study) -> list[Option]:
    """Return what every chain gives with bands of many widths, by chain and from the narrowest.

    F1 is compared with that of the best last stage of all the chains, asked about every tweet.
    """
    fits = {chain: CrossFit(study.of(chain), study.targets) for chain in chains}
    best = max((fit.p[:, -1] >= 0.5 for fit in fits.values()), key=lambda v: int((v == study.targets).sum()))
    return [
        _option(chain, shares, fit.route(shares), study, best)
        for chain, fit in fits.items()
        for shares in _widths(len(chain))
    ]


def _widths(stages: int) -> Iterator[Shares]:
    """Yield how many may reach each stage after the first: never more than reached the one before."""
    for begin in combinations(_MIDDLE[::-1], stages - 2):
        yield from ((*begin, last) for last in _LAST if not begin or last < begin[-1])


def _option(chain: Chain, shares: Shares, routed: Routed, study: Study, reference: Verdicts) -> Option:
    verdicts = routed.probability >= 0.5
    found, difference = scores(study.targets, verdicts), f1_difference(study.targets, verdicts, reference)
    stages = dict(_facts(chain, routed, study, verdicts == study.targets))
    point = OperatingPoint(
        deferral=stages[chain[-1]].decides,
        accuracy=found["accuracy"],
        f1=found["f1"],
        f1_difference=difference.value,
        f1_difference_low=difference.low,
        seconds=sum(routed.reach(n) * study.seconds[name] for n, name in enumerate(chain)),
    )
    return Option(chain, shares, point, stages)


def _facts(chain: Chain, routed: Routed, study: Study, right: Verdicts) -> Iterator[tuple[str, StageFacts]]:
    for n, name in enumerate(chain):
        here = routed.decided_by == n
        accuracy = float(right[here].mean()) if here.any() else None
        yield name, StageFacts(decides=float(here.mean()), accuracy=accuracy, seconds=study.seconds[name])

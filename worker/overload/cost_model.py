"""Costs of stage calls and batches, fitted to measured calls.

A call takes a fixed time plus a time for each tweet; both are fitted by least squares. A mean would take the calls of
one or two tweets that an idle worker makes for the cost of a tweet under load.
"""

import time
from collections.abc import Callable, Iterable, Mapping

from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Cost
from worker.types import Classifier, StageCall

_HALF_LIFE = 4_096.0  # tweets
_PRIOR_WEIGHT = 0.001
_LEAST_S = 1e-7  # per tweet: nothing is free
_SAMPLE = ["Forest fire near the village, everybody out", "what a day! my mixtape is fire :)"] * 32

Point = tuple[float, float]
"""Tweets of a call and its seconds."""


class CostLine:
    """Fits `fixed + each * tweets` to calls, each weighted by 1 / tweets, as the variance of a sum of n grows with n.

    Calls of 10 tweets that take 0.03 s and of 100 tweets that take 0.12 s lie on 0.02 + 0.001 * tweets:

    >>> line = CostLine([(10.0, 0.03), (100.0, 0.12)])
    >>> line.cost.fixed, line.cost.each, line.cost.seconds(50)  # doctest: +ELLIPSIS
    (0.0199..., 0.001..., 0.07...)

    Args:
        prior: points to start from, of at least two sizes. They keep a thousandth of a call's weight, so that there is
            a fit even when all calls have one size.
        half_life: tweets after which the weight of a call has halved.

    """

    def __init__(self, prior: Iterable[Point], half_life: float = _HALF_LIFE) -> None:
        self._prior = tuple(_PRIOR_WEIGHT * part for part in _sums(prior))
        self._sums = (0.0,) * 5
        self._half_life = half_life

    def observe(self, tweets: int, seconds: float) -> None:
        """Add a call to the fit; a call without tweets is ignored."""
        if tweets:
            keep = 0.5 ** (tweets / self._half_life)
            new = _sums([(tweets, seconds)])
            self._sums = tuple(keep * before + now for before, now in zip(self._sums, new, strict=True))

    @property
    def cost(self) -> Cost:
        """The fit; neither part is negative."""
        w, n, nn, t, nt = (a + b for a, b in zip(self._prior, self._sums, strict=True))
        each = (w * nt - n * t) / (w * nn - n * n)
        if t < each * n:  # the fixed part would be negative: fit a line through the origin
            return Cost(0.0, max(_LEAST_S, nt / nn))
        each = max(_LEAST_S, each)
        return Cost(max(0.0, (t - each * n) / w), each)


def _sums(points: Iterable[Point]) -> tuple[float, ...]:
    """Return the sums of w, wn, wnn, wt and wnt, where w is 1 / n."""
    return tuple(map(sum, zip(*[(1 / n, 1.0, n, t / n, t) for n, t in points], strict=True)))


class CostModel:
    """Costs of a call of each stage after the first.

    Args:
        clock: monotonic seconds.

    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._lines: dict[str, CostLine] = {}

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Time the cascade's new stages on a few tweets, to start from; they must be warm."""
        for stage in cascade.stages[1:]:
            if stage.name not in self._lines:
                points = [(float(n), self._timed(stage.classifier, n)) for n in (1, len(_SAMPLE))]
                self._lines[stage.name] = CostLine(points)

    def _timed(self, classifier: Classifier, tweets: int) -> float:
        classifier.predict_proba(_SAMPLE[:tweets])  # the first call of a size may be slower
        start = self._clock()
        classifier.predict_proba(_SAMPLE[:tweets])
        return self._clock() - start

    def observe(self, calls: Iterable[StageCall]) -> None:
        """Add stage calls to the fits; those that failed or are of unknown stages, such as the first, are ignored."""
        for call in calls:
            if call.probabilities is not None and (line := self._lines.get(call.stage)):
                line.observe(call.tweets, call.seconds)

    def costs(self) -> Mapping[str, Cost]:
        """Return the costs by stage."""
        return {name: line.cost for name, line in self._lines.items()}

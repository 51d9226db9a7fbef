"""What things cost, measured as they are done: the seconds of a call by how many tweets it is about.

A call takes a while for itself and a while for each tweet; the two are fitted to the calls so far by least squares. A
mean would take the calls of one or two tweets that an idle worker makes for what a tweet costs under load.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping

from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Cost
from worker.types import Classifier

_HALF_LIFE = 4_096.0  # tweets
_KNOWN_WEIGHT = 0.001
_LEAST = 1e-7  # seconds a tweet: nothing is free
_SAMPLE = ["Forest fire near the village, everybody out", "what a day! my mixtape is fire :)"] * 32

Point = tuple[float, float]
"""Tweets of a call, and its seconds."""


class Line:
    """Fits `fixed + each * tweets` to calls, each weighted by 1 / tweets, as the spread of a sum of n grows with n.

    Args:
        known: of a time before, of two sizes at least; they keep a thousandth of a call's weight, so that there is a
            fit also when all calls are of one size.
        half_life: tweets after which a call counts half.

    """

    def __init__(self, known: Iterable[Point], half_life: float = _HALF_LIFE) -> None:
        self._known = tuple(_KNOWN_WEIGHT * part for part in _sums(known))
        self._sums = (0.0,) * 5
        self._half_life = half_life

    def saw(self, tweets: int, seconds: float) -> None:
        """Take a call in; one about no tweets says nothing."""
        if tweets:
            keep = 0.5 ** (tweets / self._half_life)
            new = _sums([(tweets, seconds)])
            self._sums = tuple(keep * before + now for before, now in zip(self._sums, new, strict=True))

    @property
    def cost(self) -> Cost:
        """The fit; neither part is below zero."""
        w, n, nn, t, nt = (a + b for a, b in zip(self._known, self._sums, strict=True))
        each = (w * nt - n * t) / (w * nn - n * n)
        if t < each * n:  # a call would take less than nothing
            return Cost(0.0, max(_LEAST, nt / nn))
        each = max(_LEAST, each)
        return Cost(max(0.0, (t - each * n) / w), each)


def _sums(points: Iterable[Point]) -> tuple[float, ...]:
    """Return the sums of w, wn, wnn, wt and wnt, where w is 1 / n."""
    return tuple(map(sum, zip(*[(1 / n, 1.0, n, t / n, t) for n, t in points], strict=True)))


class Costs:
    """What a call of each stage after the first costs; stages are timed in threads of their own.

    Args:
        clock: seconds that never go back.

    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._lines: dict[str, Line] = {}
        self._lock = threading.Lock()

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Know these stages from here on: those that are new are timed now, on a few tweets; they must be warm."""
        for stage in cascade.stages[1:]:
            if stage.name not in self._lines:
                points = [(float(n), self._timed(stage.classifier, n)) for n in (1, len(_SAMPLE))]
                with self._lock:
                    self._lines[stage.name] = Line(points)

    def _timed(self, classifier: Classifier, tweets: int) -> float:
        classifier.predict_proba(_SAMPLE[:tweets])  # what the size itself costs, once
        start = self._clock()
        classifier.predict_proba(_SAMPLE[:tweets])
        return self._clock() - start

    def took(self, stage: str, tweets: int, seconds: float) -> None:
        """Take a call of a stage in; safe to call from any thread. The first stage's are of no interest."""
        with self._lock:
            if line := self._lines.get(stage):
                line.saw(tweets, seconds)

    def now(self) -> Mapping[str, Cost]:
        """Return the costs by stage."""
        with self._lock:
            return {name: line.cost for name, line in self._lines.items()}

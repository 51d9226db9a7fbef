"""The promise of one segment: how wide its bands must be so that it is kept.

Training promises that the last stage would overrule at most a given share of the early decisions. `SegmentPromise`
starts at level 0, the bands as trained, and moves on the ladder by two sequential tests:

- Up, when the evidence shows that the present level breaks the promise: to the top, where the last stage decides
  everything and nothing is left to break.
- Down, when the evidence shows that a lower level keeps the promise: to the lowest such level. At the top every tweet
  is evidence, so this takes seconds on a busy stream.

Level 0 has training's evidence for it, and its share may be so near the promise that no stream would ever show on which
side it lies. So it is entered again when the break is shown to be over: when its share is below twice the promise after
the first move up, 1.25 times after the second, 1 + 1 / k^2 times after the k-th. A share between the promise and twice
the promise can therefore make the bands swing two or three times in the life of an artifact, and no more.

Between what shows the one and what shows the other lies the hysteresis: at a share near the limit nothing moves. That
is the online control of a risk by its measured value (adaptive conformal inference, Gibbs and Candès 2021; conformal
risk control, Angelopoulos et al. 2024), with tests in place of a step size, so that a stream that does not change
cannot make the level swing for ever.

Error rates: over the whole life of an artifact in a worker, the probability that any level is left upwards while it
keeps the promise is at most 5 %, and so is the probability that any level is entered downwards whose share is above its
limit all the time since the last move up. The k-th test of a segment gets the part 1 / (k (k + 1)) of that error;
segments share it equally, and so do the levels that may be entered (union bound).
"""

import numpy as np

from worker.cascade.ladder import Ladder, Outcomes
from worker.monitoring.sequential_test import SequentialTest

ERROR = 0.05
"""Probability of any wrong move up, and of any wrong move down, in all segments together."""


class SegmentPromise:
    """Chooses the level of one segment.

    Args:
        limit: largest share of the early decisions that the last stage may overrule; above 0 and below 1.
        ladder: of the cascade.
        error: probability of a wrong move up, and of a wrong move down, in this segment.

    Attributes:
        level: on the ladder; 0 while the bands as trained keep the promise.

    """

    def __init__(self, limit: float, ladder: Ladder, error: float = ERROR) -> None:
        self._limits, self._error = np.full(ladder.top + 1, limit), error
        self.level, self._top = 0, ladder.top
        self._ups = self._moves = 0
        self._broken, self._kept = self._test_up(), self._test_down()

    def _test_up(self) -> SequentialTest:
        return SequentialTest(self._limits, "above")

    def _test_down(self) -> SequentialTest:
        limits = self._limits.copy()
        limits[0] = min(limits[0] * (1 + 1 / max(1, self._ups) ** 2), (1 + limits[0]) / 2)
        return SequentialTest(limits, "below")

    def observe(self, outcomes: Outcomes) -> bool:
        """Add audited tweets; return whether the level changed."""
        hits, trials = outcomes.overruled.sum(axis=0), outcomes.early.sum(axis=0)
        self._broken.observe(hits, trials)
        self._kept.observe(hits, trials)
        if self._broken.rejects(self._error_up)[self.level]:
            self._rise()
            return True
        return self._fall()

    def _rise(self) -> None:
        self.level = self._top
        self._ups += 1
        self._moves += 1
        self._broken, self._kept = self._test_up(), self._test_down()

    def _fall(self) -> bool:
        kept = np.flatnonzero(self._kept.rejects(self._error_down)[: self.level])
        if kept.size:
            self.level = int(kept[0])
            self._moves += 1
            self._broken = self._test_up()
        return bool(kept.size)

    @property
    def _error_up(self) -> float:
        return self._error / ((self._moves + 1) * (self._moves + 2))

    @property
    def _error_down(self) -> float:
        return self._error / (max(1, self._top) * (self._ups + 1) * (self._ups + 2))

    @property
    def evidence_broken(self) -> float:
        """Evidence that the present level breaks the promise, as a share of what is needed; from 0 to 1."""
        return _share(self._broken.log_capital[self.level], self._error_up)

    @property
    def evidence_kept(self) -> float:
        """Evidence that a lower level keeps the promise, as a share of what is needed; from 0 to 1, 0 at level 0."""
        return _share(self._kept.log_capital[: self.level].max(initial=0.0), self._error_down)


def _share(log_capital: float, error: float) -> float:
    return float(np.clip(log_capital / -np.log(error), 0.0, 1.0))

"""Where the fast stage hands over: chosen from out-of-fold predictions. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.types import Floats


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold and what it gives."""

    threshold: float
    """Least confidence, max(p, 1 - p), at which the fast stage decides."""
    deferral: float
    """Share of tweets that go on to the strong stage."""
    accuracy: float
    """Of the two stages together."""


def curve(fast: Floats, strong: Floats, targets: NDArray[np.int64], max_deferral: float) -> list[OperatingPoint]:
    """Return an operating point for each hundredth of deferral from 0 to `max_deferral`.

    Args:
        fast: P(disaster) by the fast stage, shape (n,), each by a model that did not see the tweet.
        strong: the same by the strong stage.
        targets: the truth, 0 or 1, shape (n,).
        max_deferral: a share.

    """
    confidence = np.maximum(fast, 1 - fast)
    ranked = np.append(np.sort(confidence), 1.0)
    shares = np.arange(0, int(max_deferral * 100 + 1e-9) + 1) / 100
    thresholds = ranked[(shares * len(fast)).astype(int)]
    return [_point(threshold, confidence, fast, strong, targets) for threshold in thresholds.tolist()]


def _point(
    threshold: float, confidence: Floats, fast: Floats, strong: Floats, targets: NDArray[np.int64]
) -> OperatingPoint:
    deferred = confidence < threshold
    verdicts = np.where(deferred, strong, fast) >= 0.5
    return OperatingPoint(threshold, float(deferred.mean()), float((verdicts == targets).mean()))


def choose(points: Sequence[OperatingPoint]) -> OperatingPoint:
    """Return the most accurate point; of equals, the one that defers least."""
    return max(points, key=lambda point: (point.accuracy, -point.deferral))

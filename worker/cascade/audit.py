"""Audits within a batch: a random share of its tweets is shown to every stage, whichever decides them. Pure.

The answers of the later stages do not change an audited tweet's label. They say what each level of the ladder would
have made of the tweet, so that the evidence does not depend on how wide the bands are now.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from worker.cascade.ladder import Ladder
from worker.cascade.segments import segments_of
from worker.types import AuditedBatch, Bools, Floats, Ints


class AuditPlan(NamedTuple):
    """How a batch is audited, and how wide the bands are in each segment."""

    share: float
    """Of the tweets to audit."""
    seen: Floats
    """Recent tweets in each segment, shape (segments,)."""
    levels: Ints
    """Level of each segment, shape (segments,)."""
    ladder: Ladder
    """Of the cascade."""
    seed: int
    """Of the draw."""

    def rates(self, segments: Ints) -> Floats:
        """Return the share of each segment to audit, so that small segments get evidence too.

        Half of the audits are spread over the tweets, half equally over the segments, and what a segment is too small
        for goes to the others. Of three segments, one with a hundredth of the recent tweets gets 17 times the share:

        >>> plan = AuditPlan(0.01, np.array([100., 900., 9000.]), np.zeros(3, dtype=np.intp), Ladder(()), 0)
        >>> plan.rates(np.empty(0, dtype=np.intp)).round(4)
        array([0.1717, 0.0235, 0.0069])
        """
        recent = self.seen + np.bincount(segments, minlength=len(self.seen))
        portions = recent / max(1.0, recent.sum())
        equal = 1 / (len(portions) * np.maximum(portions, 1e-9))
        rates = np.minimum(1.0, self.share * (0.5 + 0.5 * equal))
        left = self.share - portions @ rates
        return np.asarray(rates + (1 - rates) * max(0.0, left) / max(1e-9, 1 - portions @ rates))


class Treatment:
    """How the tweets of one batch are treated.

    Args:
        plan: of the batch.
        known: share of the words that the first stage knows, shape (n,); None where it cannot say.
        tweets: how many, n.

    """

    def __init__(self, plan: AuditPlan, known: Floats | None, tweets: int) -> None:
        self._plan = plan
        self._segments = segments_of(known, tweets)
        self._levels = plan.levels[self._segments]
        self._drawn = np.random.default_rng(plan.seed).random(tweets) < plan.rates(self._segments)[self._segments]
        self.audited = np.flatnonzero(self._drawn)
        """Tweets to show to every stage."""

    def cancel(self) -> None:
        """Audit nothing of the batch."""
        self._drawn[:] = False
        self.audited = self.audited[:0]

    def leave_out(self, tweets: Sequence[int]) -> None:
        """Do not audit these tweets."""
        self._drawn[tweets] = False
        self.audited = np.flatnonzero(self._drawn)

    def defers(self, stage: int, tweets: Ints, p: Floats) -> Bools:
        """Return whether a stage defers these tweets, in its band as wide as their segments' levels make it."""
        ladder, levels = self._plan.ladder, self._levels[tweets]
        return np.asarray((p > ladder.low[levels, stage]) & (p < ladder.high[levels, stage]))

    def audits(self, probabilities: Floats, decided_by: Ints, shed: Bools) -> AuditedBatch:
        """Return the audits of the batch.

        Args:
            probabilities: P(disaster) of each tweet by each stage, shape (n, stages); NaN where it was not asked.
            decided_by: number of the stage that decided, shape (n,).
            shed: whether that stage would have deferred the tweet, shape (n,).

        """
        rows = np.flatnonzero(self._drawn | self._known_anyway(probabilities))
        tweets = np.bincount(self._segments, minlength=len(self._plan.levels))
        return AuditedBatch(tweets, self._segments[rows], probabilities[rows], decided_by[rows], shed[rows])

    def _known_anyway(self, probabilities: Floats) -> Bools:
        """Return the tweets of segments in which the last stage was asked about everything, and nothing was shed.

        Where some were shed, those that were not are not a random choice; then only the drawn ones count.
        """
        missing = self._segments[np.isnan(probabilities[:, -1])]
        whole = self._plan.levels == self._plan.ladder.top
        whole[missing] = False
        return np.asarray(whole[self._segments])

"""Shadow evaluation: asks every stage about a random share of the tweets, and widens bands that break the promise."""

import logging
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from worker.cascade.audit import AuditPlan
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.ladder import Ladder
from worker.monitoring.promise import ERROR, SegmentPromise
from worker.types import AuditedBatch, Floats

log = logging.getLogger(__name__)
WHILE_BUSY = 0.25
"""Part of the share that is audited while records wait."""
_RECENT = 10_000  # tweets by which the portions of the segments are known


class Audit(NamedTuple):
    """The audit of one early decision."""

    segment: str
    """The segment of the tweet."""
    stage: str
    """The stage that decided the tweet."""
    agrees: bool
    """Whether the last stage would have decided alike."""


class SegmentState(NamedTuple):
    """What is known of a segment, and what follows from it."""

    name: str
    exceeded: bool
    """Whether the evidence shows that the bands as trained break the promise."""
    broken: float
    """Evidence that the present bands break the promise, as a share of what is needed to widen them."""
    kept: float
    """Evidence that narrower bands keep it, as a share of what is needed to narrow them."""
    widths: Sequence[float]
    """Of the bands of all stages but the last: 0 as trained, 1 where the stage decides nothing."""


class ShadowEvaluator:
    """Plans the audits of each batch and learns from them.

    Args:
        share: of the tweets to audit, from 0 to 1; a quarter of it while records wait.
        adapts: whether bands that break the promise are widened; otherwise that is only reported.
        seed: of the random draw.

    """

    def __init__(self, share: float, *, adapts: bool = True, seed: int | None = None) -> None:
        self._share, self._adapts = share, adapts
        self._random = random.Random(seed)  # noqa: S311 (nobody gains by guessing it)
        self._promises: list[SegmentPromise] = []

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Forget all evidence and audit this cascade from now on."""
        self._stages, self._segments, self._ladder = cascade.names, cascade.segments, Ladder(cascade.stages)
        self._seen = np.zeros(len(self._segments))
        limit = cascade.policy.overruled_high if cascade.policy else 1.0
        promised = 0 < limit < 1 and self._ladder.top > 0
        error = ERROR / len(self._segments)
        self._promises = [SegmentPromise(limit, self._ladder, error) for _ in self._segments if promised]

    def planned(self, cascade: ThresholdCascade, *, busy: bool = False) -> ThresholdCascade:
        """Return the cascade for the next batch: with audits, and with bands as wide as the evidence demands.

        Args:
            cascade: the one in use.
            busy: whether records wait.

        """
        if not self._share or not self._ladder.top:
            return cascade
        levels = np.array([promise.level if self._adapts else 0 for promise in self._promises] or [0] * len(self._seen))
        share = self._share * (WHILE_BUSY if busy else 1)
        return cascade.audited(AuditPlan(share, self._seen, levels, self._ladder, self._random.getrandbits(64)))

    def learn(self, batches: Sequence[AuditedBatch]) -> list[Audit]:
        """Learn from the audits of a committed batch; return those of early decisions.

        Shed tweets are left out of these: training promises nothing of tweets that no stage was sure of.
        """
        for batch in batches:
            tweets = batch.tweets.sum()
            self._seen = self._seen * 0.5 ** (tweets / _RECENT) + batch.tweets
            for number, promise in enumerate(self._promises):
                of_segment = batch.probabilities[batch.segments == number]
                if len(of_segment) and promise.observe(self._ladder.outcomes(of_segment)):
                    self._moved(number, promise)
        return [audit for batch in batches for audit in self._of_early(batch)]

    def _of_early(self, batch: AuditedBatch) -> Iterator[Audit]:
        rows = np.flatnonzero((batch.decided_by < len(self._stages) - 1) & ~batch.shed)
        for row in rows.tolist():
            segment, stage, p = batch.segments[row], int(batch.decided_by[row]), batch.probabilities[row]
            yield Audit(self._segments[segment], self._stages[stage], bool((p[stage] >= 0.5) == (p[-1] >= 0.5)))

    def _moved(self, number: int, promise: SegmentPromise) -> None:
        name, widths = self._segments[number], _described(self._stages, self._ladder.widths[promise.level])
        if promise.level == self._ladder.top:
            consequence = "the last stage decides all of it" if self._adapts else "its bands stay as trained"
            log.warning("the last stage overrules more in segment %s than the artifact promises: %s", name, consequence)
        elif not promise.level:
            log.info("segment %s keeps the artifact's promise with its bands as trained", name)
        elif self._adapts:
            log.info("segment %s keeps the artifact's promise with widened bands: %s", name, widths)

    def states(self) -> Iterator[SegmentState]:
        """Yield the state of each segment for which training promised something."""
        for name, promise in zip(self._segments, self._promises, strict=bool(self._promises)):
            widths = self._ladder.widths[promise.level if self._adapts else 0]
            yield SegmentState(name, promise.level > 0, promise.evidence_broken, promise.evidence_kept, widths.tolist())


def _described(stages: Sequence[str], widths: Floats) -> str:
    return ", ".join(f"{stage} {width:g}" for stage, width in zip(stages, widths, strict=False))

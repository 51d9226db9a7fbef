"""Shadow evaluation: audit early decisions by asking the last stage about a random share of them."""

import logging
import random
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas import Tweet
from worker.cascade.cascade import ThresholdCascade
from worker.errors import StageError
from worker.stream.codec import decode
from worker.types import BatchResult, LabelStruct, Record

log = logging.getLogger(__name__)
CHUNK = 16
"""Tweets audited between two batches: some 30 ms on a slow machine."""
_MOST_WAITING = 1_000


class Audit(NamedTuple):
    """The audit of one tweet."""

    stage: str
    """The stage that decided the tweet."""
    agrees: bool
    """Whether the last stage would have decided alike."""


class ShadowEvaluator:
    """Draws a share of the tweets decided before the last stage and audits them while the worker is idle.

    Args:
        share: of those tweets, from 0 to 1.
        seed: of the random draw.

    """

    def __init__(self, share: float, seed: int | None = None) -> None:
        self._share = share
        self._random = random.Random(seed)  # noqa: S311 (nobody gains by guessing it)
        self._waiting: deque[tuple[Record, LabelStruct]] = deque()
        self.dropped = 0
        """Tweets drawn and dropped unaudited since the start."""

    @property
    def waiting(self) -> int:
        """Tweets drawn and not audited yet."""
        return len(self._waiting)

    def draw(self, result: BatchResult, last_stage: str) -> None:
        """Draw from a committed batch; where too many wait, drop the oldest.

        Shed tweets are left out: training promises nothing of tweets that no stage was sure of.
        """
        self._waiting.extend(
            (record, label)
            for record, label in result.labels
            if label.stage != last_stage and not label.shed and self._random.random() < self._share
        )
        while len(self._waiting) > _MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1

    def audit(self, cascade: ThresholdCascade) -> list[Audit]:
        """Ask the last stage about some of the waiting tweets; skip labels of a replaced artifact."""
        drawn = [self._waiting.popleft() for _ in range(min(CHUNK, len(self._waiting)))]
        tweets = list(_texts(drawn, cascade.version))
        if not tweets:
            return []
        try:
            probabilities = cascade.last_stage_probabilities([text for text, _ in tweets]).tolist()
        except StageError as error:  # an audit must not stop the stream
            log.warning("the audit of %d tweets failed: %s", len(tweets), error)
            return []
        return [
            Audit(label.stage, label.target == (p >= 0.5)) for (_, label), p in zip(tweets, probabilities, strict=True)
        ]


def _texts(drawn: Sequence[tuple[Record, LabelStruct]], version: str) -> Iterator[tuple[str, LabelStruct]]:
    for record, label in drawn:
        tweet = decode(record) if label.model_version == version else None
        if isinstance(tweet, Tweet):
            yield tweet.text, label

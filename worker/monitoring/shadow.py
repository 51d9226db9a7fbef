"""What the cascade's shortcut costs: the last stage's opinion on tweets that never reached it."""

import logging
import random
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas import Tweet
from worker.cascade.cascade import ThresholdCascade
from worker.stream.codec import decode
from worker.types import Outcome, Record, Verdict

log = logging.getLogger(__name__)
AT_ONCE = 16
"""Tweets audited between two batches: on a slow machine they cost some 30 ms."""
_MOST = 1_000  # wait


class Audit(NamedTuple):
    """One tweet's."""

    stage: str
    """That decided it."""
    agrees: bool
    """Whether the last stage would have said the same."""


class Auditor:
    """Keeps a share of the tweets that were decided before the last stage, and asks it about them when there is time.

    Args:
        share: of those tweets, from 0 to 1.
        seed: of the drawing.

    """

    def __init__(self, share: float, seed: int | None = None) -> None:
        self._share = share
        self._random = random.Random(seed)  # noqa: S311 (nobody gains by guessing it)
        self._waiting: deque[tuple[Record, Verdict]] = deque()
        self.dropped = 0
        """Since the start, for want of time."""

    @property
    def waiting(self) -> int:
        """How many tweets wait."""
        return len(self._waiting)

    def saw(self, outcome: Outcome, last_stage: str) -> None:
        """Draw from a batch that is done; the oldest give way where there is no time for them.

        What was shed is passed over: training promised nothing of tweets that no stage was sure of.
        """
        self._waiting.extend(
            (record, label)
            for record, label in outcome.labels
            if label.stage != last_stage and not label.shed and self._random.random() < self._share
        )
        while len(self._waiting) > _MOST:
            self._waiting.popleft()
            self.dropped += 1

    def audit(self, cascade: ThresholdCascade) -> list[Audit]:
        """Ask the last stage about some of the tweets that wait.

        Labels of an artefact that was replaced meanwhile are passed over: another cascade made them.
        """
        drawn = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        tweets = list(_texts(drawn, cascade.version))
        if not tweets:
            return []
        try:
            told = cascade.last_word([text for text, _ in tweets])
        except Exception as error:  # whatever a classifier raises: an audit must not stop the stream
            log.warning("an audit of %d tweets failed: %s", len(tweets), error)
            return []
        return [
            Audit(label.stage, label.target == (p >= 0.5)) for (_, label), p in zip(tweets, told.tolist(), strict=True)
        ]


def _texts(drawn: Sequence[tuple[Record, Verdict]], version: str) -> Iterator[tuple[str, Verdict]]:
    for record, label in drawn:
        tweet = decode(record) if label.model_version == version else None
        if isinstance(tweet, Tweet):
            yield tweet.text, label

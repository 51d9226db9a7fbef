"""What the cascade makes of a batch of records."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from schemas import DeadLetter
from worker.types.arrays import Bools, Floats, Ints
from worker.types.records import Partition, Record


class Prediction(NamedTuple):
    """The cascade's decision on one text."""

    target: int
    """1 for a disaster, 0 otherwise."""
    probability: float
    """P(disaster), from 0 to 1, of the stage that decided."""
    stage: str
    """Name of the stage that decided."""
    shed: bool = False
    """Whether the stage would have deferred the text, had there been time."""


class StageCall(NamedTuple):
    """One call of one stage's classifier for a batch, or all of its calls that failed."""

    stage: str
    """Name of the stage."""
    tweets: int
    """Texts in the call; of those that failed, the poison texts."""
    seconds: float
    """Wall-clock time of the call."""
    probabilities: Floats | None
    """P(disaster), shape (tweets,), NaN for texts that the classifier cannot read; None where the call failed."""
    known: Floats | None = None
    """Share of each text's words that the classifier knows, shape (tweets,); None where it cannot say."""


class AuditedBatch(NamedTuple):
    """Audited texts of a batch: every stage was asked about them, whichever decided."""

    tweets: Ints
    """Texts of the batch in each segment, shape (segments,)."""
    segments: Ints
    """Segment of each audited text, shape (n,)."""
    probabilities: Floats
    """P(disaster) of each by each stage, shape (n, stages)."""
    decided_by: Ints
    """Number of the stage that decided it, shape (n,)."""
    shed: Bools
    """Whether that stage would have deferred it, shape (n,)."""


class TweetStruct(msgspec.Struct, frozen=True, gc=False):
    """What the worker reads of a tweet."""

    id: int | str
    text: str
    input: dict[str, Any] | None = None
    """The fields that the label carries along; None for none."""


class LabelStruct(msgspec.Struct, frozen=True, gc=False):
    """The fields of `schemas.Label`, unvalidated: msgspec encodes them eight times as fast as pydantic."""

    id: int | str
    label: str
    target: int
    probability: float
    stage: str
    shed: bool
    model_version: str
    received_at: datetime | None
    labelled_at: datetime
    input: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The labels, dead letters and skipped records of a batch; each record is in exactly one of the three lists.

    Attributes:
        labels: of the records that hold a tweet.
        dead_letters: of the bad records.
        skipped: records that hold no tweet and are not bad, such as notices, and why.
        stage_calls: in the order in which they were made; the parts of one that was divided to isolate a poison record.
        audits: of the batch; empty where nothing was audited.

    """

    labels: Sequence[tuple[Record, LabelStruct]]
    dead_letters: Sequence[tuple[Record, DeadLetter]]
    stage_calls: Sequence[StageCall] = ()
    audits: Sequence[AuditedBatch] = ()
    skipped: Sequence[tuple[Record, str]] = ()

    def of(self, partitions: Container[Partition]) -> "BatchResult":
        """Return the part of the result that belongs to these partitions."""
        return BatchResult(
            [pair for pair in self.labels if (pair[0].topic, pair[0].partition) in partitions],
            [pair for pair in self.dead_letters if (pair[0].topic, pair[0].partition) in partitions],
            self.stage_calls,
            self.audits,
            [pair for pair in self.skipped if (pair[0].topic, pair[0].partition) in partitions],
        )

"""Types that all modules share; this module imports none of them."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from schemas import DeadLetter

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


class Record(NamedTuple):
    """A consumed record; `timestamp` in milliseconds since 1970, -1 where there is none.

    A tuple, like `Message`: one is made for each tweet, and a frozen dataclass takes twice as long to make.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    leader_epoch: int = -1


Partition = tuple[str, int]
"""A topic's name and the partition's number."""


_topic_and_partition = itemgetter(0, 1)  # of a tuple, in C: it is asked of each record several times


def partitions_of(records: Iterable[Record]) -> set[Partition]:
    """Return the partitions of the records."""
    return set(map(_topic_and_partition, records))


def size_of(records: Iterable[Record]) -> int:
    """Return the bytes of the records' values."""
    return sum(len(record.value) for record in records if record.value)


class Message(NamedTuple):
    """A record to publish.

    Attributes:
        partition: None to derive it from the key.
        origin: the consumed record that the message was made from.

    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None
    origin: Record | None = None


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


Lag = Mapping[Partition, int | None]
"""Records not yet polled that can be, by topic and partition; None where the end offset is not known yet."""


class Arithmetic(NamedTuple):
    """Who computes a stage, and in which type of numbers."""

    engine: str
    """`onnx` on the CPU, `onnx-cuda` on a GPU, or `tensorflow`."""
    dtype: str
    """Of most of the work: `int8`, `float16`, `float32` or `bfloat16`."""

    def __str__(self) -> str:
        return f"{self.engine} {self.dtype}"


class Device(NamedTuple):
    """A device that the models compute on."""

    name: str
    """Such as CPU:0 or GPU:0."""
    model: str
    """The manufacturer's name of a GPU; empty where it is not known."""


class Classifier(Protocol):
    """A probabilistic classifier of texts, in scikit-learn's convention."""

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns: [0, 1]."""

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, n classes); each row adds up to 1."""


@runtime_checkable
class KnowsWords(Protocol):
    """What a classifier may offer beside `Classifier`: it says how much of each text it can read."""

    def predict_known(self, texts: Sequence[str], /) -> tuple[Floats, Floats]:
        """Return what `predict_proba` does, and the share of each text's words or pieces that it knows, shape (n,)."""


@runtime_checkable
class ReadsSome(Protocol):
    """What a classifier may offer beside `Classifier`: it says which texts it cannot read, in another language say."""

    def predict_readable(self, texts: Sequence[str], /) -> tuple[Floats, Bools]:
        """Return probabilities of shape (n texts, 2), and whether each text can be read, shape (n texts,).

        The probabilities of a text that cannot be read say nothing; `predict_proba` gives its guess.
        """


class HeldBack(NamedTuple):
    """What an open transaction of a producer holds back in a partition."""

    records: int
    """Offsets from its first record to the end of the partition."""
    seconds: float
    """For how long it has been the oldest open one, as far as the worker knows."""


class SourceStatus(NamedTuple):
    """The state of a source's membership and connection."""

    joined: bool
    """Whether this member is part of the group, with or without partitions."""
    lost_records: int = 0
    """Records since the start that the broker deleted before they were polled."""
    silent_s: float = 0.0
    """Seconds for which no broker has answered; 0 if the last request was answered."""
    held_back: Mapping[Partition, HeldBack] = MappingProxyType({})
    """By partition, what an open transaction keeps from being polled; the lag does not count it."""
    buffered: Collection[Partition] = frozenset()
    """Partitions of records that are fetched and wait for a later poll."""
    missing_topics: Collection[str] = ()
    """Input topics that do not exist any more."""


class Source(Protocol):
    """A stream of records, read as a member of a consumer group."""

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:
        """Wait for records and return those that arrived, each partition's in order: the next batch.

        Args:
            limit: the most records to return.
            timeout_ms: how long to wait; None for the source's default.

        Raises:
            SourceError: the broker refuses for good.

        """

    def commit(self, records: Sequence[Record]) -> None:
        """Commit the offsets after the records.

        Raises:
            CommitError: the commit failed for now, most often because of a rebalance.
            SourceError: the broker refuses commits for good.

        """

    def commit_idle(self, in_flight: Collection[Partition]) -> Mapping[Partition, int]:
        """Commit the position of each partition that is not in flight, every few seconds; a failure is not reported.

        Args:
            in_flight: partitions with records that were polled and are not committed yet.

        Returns:
            The offsets that were committed now.

        """

    def rewind(self, records: Sequence[Record]) -> None:
        """Seek back, so that the records of an aborted batch are polled again."""

    def lag(self) -> Lag:
        """Return the lag of each assigned partition."""

    def generation(self) -> int:
        """Return the generation of the group that this member is in; -1 where it is in none."""

    def assignments(self) -> Mapping[Partition, int]:
        """Return a number for each assigned partition, another one after it was lost and regained."""

    def status(self) -> SourceStatus:
        """Return the state of the membership and of the connection."""

    def close(self) -> None:
        """Leave the group."""


class Sink(Protocol):
    """A destination of messages."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Send the messages; return once all of them are acknowledged.

        Raises:
            DeliveryError: at least one was not acknowledged.
            TooLargeError: one is larger than the client or its topic allows.

        """

    def close(self) -> None:
        """Free the connection."""

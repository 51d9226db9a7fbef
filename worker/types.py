"""Types that every module shares; this one imports none of them."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from schemas import DeadLetter, LabelName

Floats = NDArray[np.float64]


class Record(NamedTuple):
    """A record as it was consumed; `timestamp` in milliseconds since 1970, -1 where there is none.

    A tuple, as a message is: each is made once a tweet, and a frozen dataclass takes twice as long to make.
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


def partitions_of(records: Iterable[Record]) -> set[Partition]:
    """Return the partitions that the records are of."""
    return {(record.topic, record.partition) for record in records}


class Message(NamedTuple):
    """A record to publish; `origin` is the record it was made of, `partition` None for the one that the key gives."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None
    origin: Record | None = None


class Prediction(NamedTuple):
    """What the cascade says of one text."""

    target: int
    """1 for a disaster, 0 for none."""
    probability: float
    """Of a disaster, from 0 to 1, by the stage that decided."""
    stage: str
    """Name of the stage that decided."""
    shed: bool = False
    """Whether that stage would have passed it on, had there been time."""


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What becomes a label: `schemas.Label` says what its fields mean, and would check what is right already."""

    id: int | str
    label: LabelName
    target: int
    probability: float
    stage: str
    shed: bool
    model_version: str
    received_at: datetime | None
    labelled_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: each of its records is in exactly one of the two lists."""

    labels: Sequence[tuple[Record, Verdict]]
    dead_letters: Sequence[tuple[Record, DeadLetter]]

    @property
    def decided(self) -> Mapping[str, int]:
        """How many labels are of each stage."""
        return Counter(label.stage for _, label in self.labels)

    def of(self, partitions: Container[Partition]) -> "Outcome":
        """Return what became of the records of these partitions."""
        return Outcome(
            [pair for pair in self.labels if (pair[0].topic, pair[0].partition) in partitions],
            [pair for pair in self.dead_letters if (pair[0].topic, pair[0].partition) in partitions],
        )


Lag = Mapping[Partition, int | None]
"""Records still to be polled, by topic and partition; None where the end is not known yet."""


class Device(NamedTuple):
    """What TensorFlow computes on."""

    name: str
    """As TensorFlow counts them: GPU:0, say."""
    model: str
    """Of a GPU, as its maker calls it; empty where it is not known."""


class Classifier(Protocol):
    """scikit-learn's convention for a probabilistic classifier of texts."""

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns: [0, 1]."""

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, n classes); each row adds up to 1."""


class Source(Protocol):
    """Where records come from."""

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:
        """Wait a moment for records; return those that came, each partition's in order. They are the batch.

        Args:
            limit: there are no more of them.
            timeout_ms: how long to wait; None for as long as the source was set to.

        Raises:
            SourceError: no more will come.

        """

    def commit(self, records: Sequence[Record]) -> None:
        """Mark the records as done, so that no member of the group gets them again.

        Raises:
            CommitError: they could not be for now; the group was rebalanced meanwhile, most often.
            SourceError: the broker takes none any more.

        """

    def rewind(self, records: Sequence[Record]) -> None:
        """Have the records, of a batch that was aborted, come again."""

    def lag(self) -> Lag:
        """Return how far it is behind in each partition that is assigned."""

    def generation(self) -> int:
        """Return the number of the group's generation that this member is in; -1 where it is in none."""

    def joined(self) -> bool:
        """Tell whether the group counts this member in, with partitions or standing by for some."""

    def close(self) -> None:
        """Leave the group."""


class Sink(Protocol):
    """Where messages go."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Send the messages; return once every one of them is acknowledged.

        Raises:
            DeliveryError: at least one was not.
            TooLargeError: one is larger than may be.

        """

    def close(self) -> None:
        """Free the connection."""

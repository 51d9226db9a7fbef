"""Fakes by hand, and builders of small things."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas import Band, DeadLetter
from worker.cascade.cascade import Stage, ThresholdCascade
from worker.errors import CommitError, DeliveryError
from worker.stream.codec import decode, encode_dead_letter
from worker.types import Floats, Lag, Message, Record


def record(value: bytes | None = b'{"id": 7, "text": "Forest fire"}', offset: int = 0, **changes: object) -> Record:
    """Return a record of partition 0 of `tweets`."""
    fields: dict[str, Any] = {
        "topic": "tweets",
        "partition": 0,
        "offset": offset,
        "timestamp": 1_700_000_000_000,
        "key": b"k",
    }
    return Record(**{**fields, "value": value, **changes})


def tweet(id_: int | str, text: str = "Forest fire", **fields: object) -> bytes:
    """Return a tweet's JSON."""
    return json.dumps({"id": id_, "text": text, **fields}).encode()


def dead_letter_of(bad: Record, topic: str = "dead") -> Message:
    """Return what the worker publishes of a record that is no tweet."""
    letter = decode(bad)
    assert isinstance(letter, DeadLetter)
    return encode_dead_letter(bad, letter, topic)


class FixedClassifier:
    """Gives each text the probability that its mapping names, and remembers what it was asked."""

    def __init__(self, probabilities: dict[str, float] | None = None, default: float = 0.9) -> None:
        self.probabilities = probabilities or {}
        self.default = default
        self.asked: list[str] = []

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the columns' order."""
        return np.array([0, 1])

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Look the texts up."""
        self.asked.extend(texts)
        p = np.array([self.probabilities.get(text, self.default) for text in texts], dtype=np.float64)
        return np.column_stack([1 - p, p])


def cascade(fast: FixedClassifier | None = None, strong: FixedClassifier | None = None) -> ThresholdCascade:
    """Return a cascade of two fixed stages that defers between 0.3 and 0.7."""
    stages = [
        Stage("baseline", fast or FixedClassifier(), Band(low=0.3, high=0.7)),
        Stage("use", strong or FixedClassifier()),
    ]
    return ThresholdCascade(stages, "v1")


class Journal(list[str]):
    """What happened, in order."""


class FakeSource:
    """Hands out the batches it is given, then none; writes into a journal."""

    def __init__(self, batches: Sequence[Sequence[Record]], journal: Journal, *, rebalanced: bool = False) -> None:
        self.batches = [list(batch) for batch in batches]
        self.journal = journal
        self.rebalanced = rebalanced
        self.committed: list[Record] = []

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:
        """Return the next batch, whatever its size."""
        self.journal.append("poll")
        return self.batches.pop(0) if self.batches else []

    def commit(self, records: Sequence[Record]) -> None:
        """Remember the records, or fail."""
        self.journal.append("commit")
        if self.rebalanced:
            raise CommitError("the group was rebalanced")
        self.committed.extend(records)

    def rewind(self, records: Sequence[Record]) -> None:
        """Hand the records out again."""
        self.journal.append("rewind")
        self.batches.insert(0, list(records))

    def lag(self) -> Lag:
        """Return what is left."""
        return {("tweets", 0): sum(map(len, self.batches))}

    def generation(self) -> int:
        """Be in the first."""
        return 1

    def joined(self) -> bool:
        """Count it in."""
        return True

    def close(self) -> None:
        """Note it."""
        self.journal.append("leave")


class FakeSink:
    """Keeps what is published, or fails; writes into a journal."""

    def __init__(self, journal: Journal, *, broken: bool = False, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.journal = journal
        self.meanwhile = meanwhile
        self.broken = broken
        self.messages: list[Message] = []

    def publish(self, messages: Sequence[Message]) -> None:
        """Keep them."""
        self.journal.append("publish")
        self.meanwhile()
        if self.broken:
            raise DeliveryError("not acknowledged")
        self.messages.extend(messages)

    def close(self) -> None:
        """Note it."""
        self.journal.append("close")

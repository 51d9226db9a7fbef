"""Hand-written fakes and builders."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas import Band, DeadLetter
from worker.cascade.audit import AuditPlan
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.ladder import Ladder
from worker.cascade.stage import Stage
from worker.errors import CommitError, DeliveryError
from worker.stream.codec import decode, encode_dead_letter
from worker.types import Floats, Lag, Message, Partition, Record, SourceStatus


def record(value: bytes | None = b'{"id": 7, "text": "Forest fire"}', offset: int = 0, **changes: object) -> Record:
    """Return a record of the topic `tweets`, partition 0."""
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
    """Return the dead letter that the worker publishes for a bad record."""
    letter = decode(bad)
    assert isinstance(letter, DeadLetter)
    return encode_dead_letter(bad, letter, topic)


class FixedClassifier:
    """A classifier that looks probabilities up by text and records the texts."""

    def __init__(self, probabilities: dict[str, float] | None = None, default: float = 0.9) -> None:
        self.probabilities = probabilities or {}
        self.default = default
        self.asked: list[str] = []

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the columns."""
        return np.array([0, 1])

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Look the texts up."""
        self.asked.extend(texts)
        p = np.array([self.probabilities.get(text, self.default) for text in texts], dtype=np.float64)
        return np.column_stack([1 - p, p])


def cascade(fast: FixedClassifier | None = None, strong: FixedClassifier | None = None) -> ThresholdCascade:
    """Return a cascade of two fixed stages; the first one defers between 0.3 and 0.7."""
    stages = [
        Stage("baseline", fast or FixedClassifier(), Band(low=0.3, high=0.7)),
        Stage("use", strong or FixedClassifier()),
    ]
    return ThresholdCascade(stages, "v1")


def audit_plan(of: ThresholdCascade, share: float, levels: Sequence[int] = (), seed: int = 0) -> AuditPlan:
    """Return a plan without a past; without levels, all are 0."""
    return AuditPlan(
        share, np.zeros(len(of.segments)), np.array(levels or [0] * len(of.segments)), Ladder(of.stages), seed
    )


class Journal(list[str]):
    """The calls that were made, in order."""


class FakeSource:
    """A source that returns the given batches, then empty ones, and records its calls in a journal."""

    def __init__(self, batches: Sequence[Sequence[Record]], journal: Journal, *, rebalanced: bool = False) -> None:
        self.batches = [list(batch) for batch in batches]
        self.journal = journal
        self.rebalanced = rebalanced
        self.committed: list[Record] = []
        self.limits: list[int] = []
        self.waits: list[int | None] = []
        self.joined = True
        self.positions: dict[Partition, int] = {}
        self.in_flight: list[set[Partition]] = []

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:
        """Return the next batch, whatever its size."""
        self.journal.append("poll")
        self.limits.append(limit)
        self.waits.append(timeout_ms)
        return self.batches.pop(0) if self.batches else []

    def commit(self, records: Sequence[Record]) -> None:
        """Record the committed records, or fail."""
        self.journal.append("commit")
        if self.rebalanced:
            raise CommitError("the group was rebalanced")
        self.committed.extend(records)

    def commit_idle(self, in_flight: Collection[Partition]) -> Mapping[Partition, int]:
        """Record the partitions in flight; return the offsets of a test."""
        self.in_flight.append(set(in_flight))
        return self.positions

    def rewind(self, records: Sequence[Record]) -> None:
        """Return the records again at the next poll."""
        self.journal.append("rewind")
        self.batches.insert(0, list(records))

    def lag(self) -> Lag:
        """Return the number of records left."""
        return {("tweets", 0): sum(map(len, self.batches))}

    def generation(self) -> int:
        """Return the first generation."""
        return 1

    def assignments(self) -> Mapping[Partition, int]:
        """Return the first assignment of twelve partitions."""
        return {("tweets", n): 1 for n in range(12)}

    def status(self) -> SourceStatus:
        """Return that of a member."""
        return SourceStatus(joined=self.joined)

    def close(self) -> None:
        """Record the call."""
        self.journal.append("leave")


class FakeSink:
    """A sink that keeps the published messages, or fails, and records its calls in a journal."""

    def __init__(self, journal: Journal, *, broken: bool = False, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.journal = journal
        self.meanwhile = meanwhile
        self.broken = broken
        self.messages: list[Message] = []

    def publish(self, messages: Sequence[Message]) -> None:
        """Keep the messages, or fail."""
        self.journal.append("publish")
        self.meanwhile()
        if self.broken:
            raise DeliveryError("not acknowledged")
        self.messages.extend(messages)

    def close(self) -> None:
        """Record the call."""
        self.journal.append("close")

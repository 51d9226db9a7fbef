"""Replay of dead letters: which ones, and as which records. Pure."""

import sys
from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pydantic import ValidationError

from schemas import DeadLetter, Reason, Replay, Replayed
from worker.types import Message, Record

DeadLetterId = tuple[int, int, int]
"""Partition, offset and timestamp of a dead letter on its topic."""


class ReplayDecision(StrEnum):
    """Whether a record of the dead-letter topic is replayed, or why not."""

    REPLAY = "selected"
    NOT_SELECTED = "not selected by the filters"
    REPLAYED_BEFORE = "replayed before"
    MAX_REPLAYS = "bad again after as many replays as --max-replays allows"
    FOREIGN = "not dead letters of this worker"


class Span(NamedTuple):
    """A range of offsets on one partition of the dead-letter topic, both ends included."""

    partition: int
    first: int = 0
    last: int = sys.maxsize

    def contains(self, record: Record) -> bool:
        """Return whether the record is in the range."""
        return record.partition == self.partition and self.first <= record.offset <= self.last


@dataclass(frozen=True)
class Selection:
    """Filters of a replay; an empty or None one selects all dead letters.

    Args:
        reasons: why the record could not be labelled.
        topics: topics that the record came from.
        partitions: partitions of the topic that the record came from.
        spans: ranges of offsets on the dead-letter topic.
        since: earliest time of dead-lettering, in milliseconds since 1970.
        until: end of the times of dead-lettering, exclusive, in milliseconds since 1970.
        max_replays: how often a record may be replayed, this time included.

    """

    reasons: frozenset[Reason] = frozenset()
    topics: frozenset[str] = frozenset()
    partitions: frozenset[int] = frozenset()
    spans: tuple[Span, ...] = ()
    since: int | None = None
    until: int | None = None
    max_replays: int = 1

    def decide(self, record: Record, replayed: Container[DeadLetterId]) -> ReplayDecision:
        """Return whether a record of the dead-letter topic is replayed, or why not.

        Args:
            record: a record of the dead-letter topic.
            replayed: the dead letters that were replayed before.

        """
        dead_letter = read_dead_letter(record)
        # A dead letter of the dead-letter topic itself would come back there, and the topic would grow for ever.
        if dead_letter is None or dead_letter.topic == record.topic:
            return ReplayDecision.FOREIGN
        if not self._selects(record, dead_letter):
            return ReplayDecision.NOT_SELECTED
        if dead_letter_id(record) in replayed:
            return ReplayDecision.REPLAYED_BEFORE
        previous = _previous_replay(record)
        exhausted = previous is not None and previous.count >= self.max_replays
        return ReplayDecision.MAX_REPLAYS if exhausted else ReplayDecision.REPLAY

    def _selects(self, record: Record, dead_letter: DeadLetter) -> bool:
        return (
            (not self.reasons or dead_letter.reason in self.reasons)
            and (not self.topics or dead_letter.topic in self.topics)
            and (not self.partitions or dead_letter.partition in self.partitions)
            and (not self.spans or any(span.contains(record) for span in self.spans))
            and (self.since is None or record.timestamp >= self.since)
            and (self.until is None or record.timestamp < self.until)
        )


def dead_letter_id(record: Record) -> DeadLetterId:
    """Return a dead letter's id; the timestamp distinguishes it from those of a deleted topic of the same name."""
    return record.partition, record.offset, record.timestamp


def read_dead_letter(record: Record) -> DeadLetter | None:
    """Return a dead letter's headers; None if they are not the worker's."""
    try:
        return DeadLetter.from_headers(record.headers)
    except ValidationError:
        return None


def restore(record: Record, topic: str | None = None) -> Message:
    """Return the bad record that a dead letter was written for, with headers that trace the replay.

    It goes to the partition it came from, or on another topic to the partition of its key. A record without a value
    is restored without one, unless it has no key either: kafka-python cannot send such a record, so its value is empty.

    Args:
        record: a dead letter that `Selection.decide` selects.
        topic: replaces the topic that the record came from.

    """
    dead_letter = DeadLetter.from_headers(record.headers)
    no_value = dead_letter.reason is Reason.NO_VALUE and record.key is not None and not record.value
    return Message(
        topic or dead_letter.topic,
        record.key,
        None if no_value else record.value or b"",
        _next_replay(record, dead_letter).headers(DeadLetter.stripped(record.headers)),
        partition=None if topic else dead_letter.partition,
        origin=record,
    )


def _next_replay(record: Record, dead_letter: DeadLetter) -> Replay:
    """Return the headers of the next replay: its number, and where the first bad record was."""
    previous = _previous_replay(record)
    first = previous or dead_letter
    return Replay(
        count=previous.count + 1 if previous else 1,
        topic=first.topic,
        partition=first.partition,
        offset=first.offset,
        timestamp=first.timestamp,
        letter_partition=record.partition,
        letter_offset=record.offset,
    )


def _previous_replay(record: Record) -> Replay | None:
    try:
        return Replay.from_headers(record.headers)
    except ValidationError:
        return None


def replayed_ids(records: Iterable[Record]) -> set[DeadLetterId]:
    """Return which dead letters were replayed, from the records of the `.replayed` topic; skip invalid ones."""
    found = set()
    for record in records:
        try:
            found.add(Replayed.model_validate_json(record.value or b"").dead_letter_id)
        except ValidationError:
            continue
    return found

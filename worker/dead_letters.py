"""Which dead letters are to be put back, and as what. Pure."""

import sys
from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pydantic import ValidationError

from schemas import DeadLetter, Reason, Replay, Replayed
from worker.types import Message, Record

Known = Container[tuple[int, int, int]]
"""Partition, offset and timestamp of the dead letters that were put back before."""


class Verdict(StrEnum):
    """What is to become of a record of the dead-letter topic."""

    TAKEN = "to be put back"
    OTHER = "other than asked for"
    DONE = "put back before"
    AGAIN = "bad again after as many replays as --max-replays allows"
    FOREIGN = "no dead letters of this worker's"


class Span(NamedTuple):
    """Dead letters of one partition, by offset, both ends included."""

    partition: int
    first: int = 0
    last: int = sys.maxsize

    def holds(self, record: Record) -> bool:
        """Tell whether the record is one of them."""
        return record.partition == self.partition and self.first <= record.offset <= self.last


@dataclass(frozen=True)
class Selection:
    """Which dead letters are wanted; what is empty or None wants all.

    Args:
        reasons: why they could not be labelled.
        partitions: of the topic that they came from.
        spans: where they are in the dead-letter topic.
        since: in milliseconds since 1970: from when on they were dead-lettered.
        until: likewise, before when.
        max_replays: how often a record may have been put back, this time included.

    """

    reasons: frozenset[Reason] = frozenset()
    partitions: frozenset[int] = frozenset()
    spans: tuple[Span, ...] = ()
    since: int | None = None
    until: int | None = None
    max_replays: int = 1

    def judge(self, record: Record, known: Known) -> Verdict:
        """Say what is to become of a record of the dead-letter topic."""
        letter = read_letter(record)
        if letter is None or letter.topic == record.topic:
            return Verdict.FOREIGN
        if not self._wants(record, letter):
            return Verdict.OTHER
        if identity(record) in known:
            return Verdict.DONE
        before = _replay(record)
        return Verdict.AGAIN if before and before.count >= self.max_replays else Verdict.TAKEN

    def _wants(self, record: Record, letter: DeadLetter) -> bool:
        return (
            (not self.reasons or letter.reason in self.reasons)
            and (not self.partitions or letter.partition in self.partitions)
            and (not self.spans or any(span.holds(record) for span in self.spans))
            and (self.since is None or record.timestamp >= self.since)
            and (self.until is None or record.timestamp < self.until)
        )


def identity(record: Record) -> tuple[int, int, int]:
    """Return what tells a dead letter from all others, also from those of an older topic of the same name."""
    return record.partition, record.offset, record.timestamp


def read_letter(record: Record) -> DeadLetter | None:
    """Return what a dead letter's headers say; None where they are not the worker's."""
    try:
        return DeadLetter.from_headers(record.headers)
    except ValidationError:
        return None


def restore(record: Record, topic: str | None = None) -> Message:
    """Return the record that a dead letter was made of, with headers that trace it.

    It goes to the partition it came from, or, under another topic, to whichever its key gives. A record without a
    value has none again, unless it has no key either: kafka-python sends no such record, its value is empty then.

    Args:
        record: a dead letter that `Selection.judge` takes.
        topic: where it is to go, if not to where it came from.

    """
    letter = DeadLetter.from_headers(record.headers)
    no_value = letter.reason is Reason.NO_VALUE and record.key is not None
    return Message(
        topic or letter.topic,
        record.key,
        None if no_value else record.value or b"",
        _trace(record, letter).headers(DeadLetter.stripped(record.headers)),
        partition=None if topic else letter.partition,
        origin=record,
    )


def _trace(record: Record, letter: DeadLetter) -> Replay:
    """Return the headers of the next replay: its number, and where the first record was."""
    before = _replay(record)
    first = before or letter
    return Replay(
        count=before.count + 1 if before else 1,
        topic=first.topic,
        partition=first.partition,
        offset=first.offset,
        timestamp=first.timestamp,
        letter_partition=record.partition,
        letter_offset=record.offset,
    )


def _replay(record: Record) -> Replay | None:
    try:
        return Replay.from_headers(record.headers)
    except ValidationError:
        return None


def known_letters(records: Iterable[Record]) -> set[tuple[int, int, int]]:
    """Return which dead letters were put back, by the records of the topic that remembers; garbage is passed over."""
    found = set()
    for record in records:
        try:
            found.add(Replayed.model_validate_json(record.value or b"").letter)
        except ValidationError:
            continue
    return found

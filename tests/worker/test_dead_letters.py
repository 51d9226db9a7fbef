"""Replay of dead letters: which ones, and as which records."""

from argparse import ArgumentParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import DeadLetter, Replay, Replayed
from tests.helpers import dead_letter_of, record
from worker.commands import replay
from worker.commands.replay.filters import add_filters, read_selection
from worker.dead_letters import ReplayDecision, Selection, Span, dead_letter_id, replayed_ids, restore
from worker.types import Record

headers = st.lists(st.tuples(st.text(), st.binary()))


def dead(bad: Record | None = None, offset: int = 5, partition: int = 1, timestamp: int = 50) -> Record:
    """Return the dead letter that the worker writes for a record, as it is read back."""
    message = dead_letter_of(bad or record(b"{", offset=17, partition=2))
    return Record("dead", partition, offset, timestamp, message.key, message.value, message.headers)


def as_consumed(dead_letter: Record) -> Record:
    """Return the replayed record of a dead letter, as the worker consumes it."""
    message = restore(dead_letter)
    return record(message.value, offset=900, key=message.key, headers=message.headers)


@given(st.none() | st.binary(), st.binary(max_size=9).map(lambda value: b"\xff" + value), headers)
def test_a_replayed_record_is_the_original(key: bytes | None, value: bytes, own: list[tuple[str, bytes]]) -> None:
    """Bytes, key, headers and partition are the original's; the dead letter's own headers are removed."""
    back = restore(dead(record(value, key=key, headers=own, partition=2)))
    assert (back.topic, back.partition, back.key, back.value) == ("tweets", 2, key, value)
    assert Replay.stripped(back.headers) == own


@pytest.mark.parametrize(("key", "value"), [(b"k", None), (None, b"")])
def test_a_record_without_a_value_has_none_again(key: bytes | None, value: bytes | None) -> None:
    """A dead letter's empty value stands for none, where the client can send such a record."""
    assert restore(dead(record(None, key=key))).value == value


def test_another_topic_has_partitions_of_its_own() -> None:
    """A repair topic may have fewer partitions than the source: the key decides."""
    back = restore(dead(), "repair")
    assert (back.topic, back.partition) == ("repair", None)


def test_a_record_that_is_bad_again_is_traced_to_the_first() -> None:
    """After any number of replays the headers name the first record, the number of replays and the last dead letter."""
    first = dead(record(b"{", offset=17, partition=2))
    second = dead(as_consumed(first), offset=6)
    third = restore(second)
    trace = Replay.from_headers(third.headers)
    assert (trace.count, trace.topic, trace.partition, trace.offset) == (2, "tweets", 2, 17)
    assert (trace.letter_partition, trace.letter_offset) == (1, 6)
    assert DeadLetter.from_headers(second.headers).offset == 900
    assert len({name for name, _ in third.headers}) == len(third.headers)


def test_a_record_that_is_bad_again_does_not_loop() -> None:
    """An hourly replay replays a hopeless record once, unless --max-replays allows more."""
    again = dead(as_consumed(dead()), offset=6)
    assert Selection().decide(again, set()) is ReplayDecision.MAX_REPLAYS
    assert Selection(max_replays=2).decide(again, set()) is ReplayDecision.REPLAY


def test_a_replayed_dead_letter_is_skipped() -> None:
    """It is never replayed twice; a dead letter of a recreated topic is another one, even at the same offset."""
    dead_letter = dead(timestamp=50)
    partition, offset, timestamp = dead_letter_id(dead_letter)
    note = Replayed(partition=partition, offset=offset, timestamp=timestamp, topic="t", replayed_at="2026-01-01T00:00Z")
    replayed = replayed_ids([record(note.model_dump_json().encode()), record(b"garbage")])
    assert Selection().decide(dead_letter, replayed) is ReplayDecision.REPLAYED_BEFORE
    assert Selection().decide(dead(timestamp=51), replayed) is ReplayDecision.REPLAY


@pytest.mark.parametrize("own", [[], [("__streams.errors.topic", b"t")]])
def test_foreign_records_are_skipped(own: list[tuple[str, bytes]]) -> None:
    """Another program's record on the dead-letter topic cannot be replayed: its origin is not known."""
    assert Selection().decide(record(b"x", headers=own), set()) is ReplayDecision.FOREIGN


@pytest.mark.parametrize("value", [b"", b'{"schema": null, "payload": null}'])
def test_a_value_is_restored_as_it_was(value: bytes) -> None:
    """An empty value stays one, and so do the bytes of Connect's tombstone: only a null is restored as a null."""
    assert restore(dead(record(value, key=b"k"))).value == value


def test_a_dead_letter_of_the_dead_letter_topic_is_skipped() -> None:
    """Its replay would make the topic grow for ever."""
    assert Selection().decide(dead(record(b"{", topic="dead")), set()) is ReplayDecision.FOREIGN


@pytest.mark.parametrize(
    ("flags", "selected"),
    [
        ("", True),
        ("--reason invalid_json", True),
        ("--reason no_value --reason invalid_json", True),
        ("--reason no_value", False),
        ("--source-topic tweets", True),
        ("--source-topic toots --source-topic tweets --source-partition 2", True),
        ("--source-topic toots", False),
        ("--source-partition 2", True),
        ("--source-partition 1", False),
        ("--dead-letters 1", True),
        ("--dead-letters 1:5", True),
        ("--dead-letters 0 --dead-letters 1:4-5", True),
        ("--dead-letters 1:6-9", False),
        ("--dead-letters 2", False),
        ("--since 1970-01-01T00:00:00.050", True),
        ("--since 1970-01-01T01:00:00.051+01:00", False),
        ("--until 1970-01-01T00:00:00.051Z", True),
        ("--until 1970-01-01T00:00:00.050", False),
        ("--reason invalid_json --dead-letters 2", False),
    ],
)
def test_filters(flags: str, selected: bool) -> None:
    """A dead letter is selected if it passes all filters; both ends of a span are included, `until` is not."""
    parser = ArgumentParser()
    add_filters(parser)
    selection = read_selection(parser.parse_args(flags.split()))
    expected = ReplayDecision.REPLAY if selected else ReplayDecision.NOT_SELECTED
    assert selection.decide(dead(), set()) is expected


def test_chunks_are_limited_in_number_and_bytes() -> None:
    """Transactions, and what is held in memory, stay small for dead letters of any size."""
    small, large = [record(b"x")] * 1201, [record(b"x" * 3_000_000)] * 5
    assert [len(chunk) for chunk in replay._chunks(small)] == [500, 500, 201]
    assert [len(chunk) for chunk in replay._chunks(large)] == [2, 2, 1]
    assert Span(0).contains(record())

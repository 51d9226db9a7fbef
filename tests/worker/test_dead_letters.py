"""Which dead letters are put back, and as what."""

from argparse import ArgumentParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import DeadLetter, Replay, Replayed
from tests.helpers import dead_letter_of, record
from worker.commands import replay
from worker.commands.replay.filters import add_filters, read_selection
from worker.dead_letters import Selection, Span, Verdict, identity, known_letters, restore
from worker.types import Record

headers = st.lists(st.tuples(st.text(), st.binary()))


def dead(bad: Record | None = None, offset: int = 5, partition: int = 1, timestamp: int = 50) -> Record:
    """Return the dead letter that the worker makes of a record, as it is read back."""
    message = dead_letter_of(bad or record(b"{", offset=17, partition=2))
    return Record("dead", partition, offset, timestamp, message.key, message.value, message.headers)


def as_consumed(letter: Record) -> Record:
    """Return the record that a dead letter was put back as, as the worker reads it."""
    message = restore(letter)
    return record(message.value, offset=900, key=message.key, headers=message.headers)


@given(st.none() | st.binary(), st.binary(max_size=9).map(lambda value: b"\xff" + value), headers)
def test_what_is_put_back_is_what_it_was(key: bytes | None, value: bytes, own: list[tuple[str, bytes]]) -> None:
    """Bytes, key, headers and partition are the original's; nothing of the dead letter's stays."""
    back = restore(dead(record(value, key=key, headers=own, partition=2)))
    assert (back.topic, back.partition, back.key, back.value) == ("tweets", 2, key, value)
    assert Replay.stripped(back.headers) == own


@pytest.mark.parametrize(("key", "value"), [(b"k", None), (None, b"")])
def test_no_value_is_none_again(key: bytes | None, value: bytes | None) -> None:
    """A dead letter's empty value stands for none, where the client can send such a record."""
    assert restore(dead(record(None, key=key))).value == value


def test_another_topic_has_partitions_of_its_own() -> None:
    """A repair topic need not have as many as the source."""
    back = restore(dead(), "repair")
    assert (back.topic, back.partition) == ("repair", None)


def test_a_record_that_is_bad_again_is_traced_to_the_first() -> None:
    """However often it goes round, its headers say where the first one was, how often, and where the last one was."""
    first = dead(record(b"{", offset=17, partition=2))
    second = dead(as_consumed(first), offset=6)
    third = restore(second)
    trace = Replay.from_headers(third.headers)
    assert (trace.count, trace.topic, trace.partition, trace.offset) == (2, "tweets", 2, 17)
    assert (trace.letter_partition, trace.letter_offset) == (1, 6)
    assert DeadLetter.from_headers(second.headers).offset == 900
    assert len({name for name, _ in third.headers}) == len(third.headers)


def test_a_record_that_is_bad_again_does_not_loop() -> None:
    """A replay that runs every hour puts a hopeless record back once, unless more is asked for."""
    again = dead(as_consumed(dead()), offset=6)
    assert Selection().judge(again, set()) is Verdict.AGAIN
    assert Selection(max_replays=2).judge(again, set()) is Verdict.TAKEN


def test_what_was_put_back_is_left_alone() -> None:
    """Never twice; yet a letter of a topic that was made anew is another one, though its offset is the same."""
    letter = dead(timestamp=50)
    partition, offset, timestamp = identity(letter)
    memory = Replayed(
        partition=partition, offset=offset, timestamp=timestamp, topic="t", replayed_at="2026-01-01T00:00Z"
    )
    known = known_letters([record(memory.model_dump_json().encode()), record(b"garbage")])
    assert Selection().judge(letter, known) is Verdict.DONE
    assert Selection().judge(dead(timestamp=51), known) is Verdict.TAKEN


@pytest.mark.parametrize("own", [[], [("__streams.errors.topic", b"t")]])
def test_foreign_records_are_left_alone(own: list[tuple[str, bytes]]) -> None:
    """What another program put onto the dead-letter topic cannot be put back: where it came from is not known."""
    assert Selection().judge(record(b"x", headers=own), set()) is Verdict.FOREIGN


def test_a_dead_letter_of_the_dead_letter_topic_is_left_alone() -> None:
    """Putting it back would make the topic grow for ever."""
    assert Selection().judge(dead(record(b"{", topic="dead")), set()) is Verdict.FOREIGN


@pytest.mark.parametrize(
    ("flags", "taken"),
    [
        ("", True),
        ("--reason invalid_json", True),
        ("--reason no_value --reason invalid_json", True),
        ("--reason no_value", False),
        ("--source-partition 2", True),
        ("--source-partition 1", False),
        ("--letters 1", True),
        ("--letters 1:5", True),
        ("--letters 0 --letters 1:4-5", True),
        ("--letters 1:6-9", False),
        ("--letters 2", False),
        ("--since 1970-01-01T00:00:00.050", True),
        ("--since 1970-01-01T01:00:00.051+01:00", False),
        ("--until 1970-01-01T00:00:00.051Z", True),
        ("--until 1970-01-01T00:00:00.050", False),
        ("--reason invalid_json --letters 2", False),
    ],
)
def test_filters(flags: str, taken: bool) -> None:
    """A dead letter is taken when it passes all filters; ends of spans are in, `until` is out."""
    parser = ArgumentParser()
    add_filters(parser)
    selection = read_selection(parser.parse_args(flags.split()))
    assert selection.judge(dead(), set()) is (Verdict.TAKEN if taken else Verdict.OTHER)


def test_portions_are_bounded_in_number_and_bytes() -> None:
    """A transaction, and what is held in memory, stays small whatever the dead letters are."""
    small, large = [record(b"x")] * 1201, [record(b"x" * 3_000_000)] * 5
    assert [len(chunk) for chunk in replay._chunks(small)] == [500, 500, 201]
    assert [len(chunk) for chunk in replay._chunks(large)] == [2, 2, 1]
    assert Span(0).holds(record())

"""The second poll, for records that arrived while a batch was at work."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import TopicPartition
from kafka.errors import KafkaConnectionError

from worker.kafka.second_poll import _AT_ONCE_S, _SMALL_BYTES, poll_newest

ZERO, ONE = TopicPartition("tweets", 0), TopicPartition("tweets", 1)


class Fetched(NamedTuple):
    """What a poll looks at in a record."""

    offset: int
    value: bytes = b""


class Client:
    """A client that returns these polls, one after the other."""

    def __init__(self, *polls: dict[TopicPartition, list[Fetched]] | Exception, pause_s: float = 0.0) -> None:
        self.polls, self.pause_s, self.now = list(polls), pause_s, 0.0
        self.limits: list[int] = []
        self.assigned = {ZERO: 1, ONE: 1}

    def poll(self, _timeout_ms: int, limit: int) -> dict[TopicPartition, list[Fetched]]:
        """Return the next poll, or fail."""
        self.now += self.pause_s
        self.limits.append(limit)
        found = self.polls.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def newest(self, limit: int = 100) -> dict[TopicPartition, list[int]]:
        """Return the offsets that a poll of both kinds returns."""
        found = poll_newest(self.poll, 500, limit, lambda: self.assigned, lambda: self.now)
        return {tp: [r.offset for r in records] for tp, records in found.items()}


def records(offsets: Sequence[int]) -> list[Fetched]:
    """Return records at these offsets."""
    return [Fetched(offset) for offset in offsets]


@given(st.integers(1, 20), st.integers(0, 20))
def test_nothing_is_lost_and_each_partition_stays_in_order(first: int, second: int) -> None:
    """The records of both polls are returned, a partition's by offset."""
    client = Client({ZERO: records(range(first))}, {ZERO: records(range(first, first + second)), ONE: records([7])})
    assert client.newest() == {ZERO: [*range(first + second)], ONE: [7]}
    assert client.limits == [100, 100 - first]


def test_what_arrived_during_the_poll_is_new_enough() -> None:
    """A lone tweet is not held up for a second one."""
    client = Client({ZERO: records([1])}, pause_s=2 * _AT_ONCE_S)
    assert client.newest() == {ZERO: [1]}


@pytest.mark.parametrize(
    "polled",
    [{}, {ZERO: records(range(51))}, {ZERO: [Fetched(1, b"x" * (_SMALL_BYTES + 1))]}],
    ids=["nothing", "half a batch", "large records"],
)
def test_a_batch_that_is_large_enough_is_not_added_to(polled: dict[TopicPartition, list[Fetched]]) -> None:
    """The memory of a batch stays what one fetch makes it, and an idle worker polls once."""
    client = Client(polled)
    client.newest()
    assert client.limits == [100]


def test_a_second_poll_that_fails_loses_nothing() -> None:
    """The records of the first are labelled; the next poll meets the failure."""
    assert Client({ZERO: records([1])}, KafkaConnectionError()).newest() == {ZERO: [1]}


def test_a_partition_that_was_lost_and_regained_meanwhile_begins_at_its_commit() -> None:
    """Another member may have labelled the records of the first poll; the second begins where it stopped."""
    client = Client({ZERO: records([1]), ONE: records([4])}, {ZERO: records([9])})
    before, client.assigned = client.assigned, {ZERO: 2}
    seen = iter([before])
    found = poll_newest(client.poll, 500, 100, lambda: next(seen, client.assigned), lambda: 0.0)
    assert found == {ZERO: records([9])}

"""Commits of partitions without a batch in flight, without a broker."""

from types import SimpleNamespace

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError, KafkaError

from worker.kafka.offsets.idle_commits import IdleCommits

FIRST, SECOND = TopicPartition("t", 0), TopicPartition("t", 1)


def at(offset: int) -> OffsetAndMetadata:
    """Return a position as kafka-python keeps it."""
    return OffsetAndMetadata(offset, "", 3)


class Member:
    """A consumer with a position in two partitions; `error` makes its next commit fail."""

    def __init__(self) -> None:
        self.positions = {FIRST: at(10), SECOND: at(20)}
        self._subscription = SimpleNamespace(all_consumed_offsets=lambda: dict(self.positions))
        self.error: KafkaError | None = None
        self.commits: list[dict[TopicPartition, OffsetAndMetadata]] = []

    def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata], timeout_ms: int) -> None:
        """Remember the offsets, or fail once."""
        assert timeout_ms <= 1_000, "the main loop waits for it"
        if error := self.error:
            self.error = None
            raise error
        self.commits.append(offsets)


@pytest.fixture
def member() -> Member:
    """Return a member of a group."""
    return Member()


def test_positions_ahead_of_the_last_commit_are_committed_once(member: Member) -> None:
    """A batch commits the offset after its last record; what follows it unseen is committed here."""
    idle = IdleCommits(member, interval_s=0, clock=iter(range(9)).__next__)
    idle.committed({FIRST: at(10), SECOND: at(17)})
    assert [idle.commit(set()), idle.commit(set())] == [{SECOND: 20}, {}]
    assert member.commits == [{SECOND: at(20)}]


def test_a_partition_in_flight_is_left_to_its_batch(member: Member) -> None:
    """Its position is behind records that are not published yet: a crash would lose them."""
    idle = IdleCommits(member, interval_s=0, clock=iter(range(9)).__next__)
    idle.commit({SECOND})
    assert member.commits == [{FIRST: at(10)}]


def test_a_failed_commit_is_repeated(member: Member) -> None:
    """A rebalance does not end the worker, and the offsets are committed afterwards."""
    idle = IdleCommits(member, interval_s=0, clock=iter(range(9)).__next__)
    member.error = CommitFailedError()
    assert [idle.commit(set()), idle.commit(set())] == [{}, {FIRST: 10, SECOND: 20}]
    assert member.commits == [{FIRST: at(10), SECOND: at(20)}]


def test_commits_are_seconds_apart(member: Member) -> None:
    """A commit costs the main loop a request."""
    idle = IdleCommits(member, interval_s=5, clock=iter([100, 104, 106]).__next__)
    for _ in range(3):
        member.positions[FIRST] = at(member.positions[FIRST].offset + 1)
        idle.commit({SECOND})
    assert [commit[FIRST].offset for commit in member.commits] == [11, 13]


def test_a_partition_that_returns_is_committed_wherever_it_is(member: Member) -> None:
    """What was committed in an earlier assignment says nothing: the group's offset may have been set back since."""
    idle = IdleCommits(member, interval_s=0, clock=iter(range(9)).__next__)
    idle.commit(set())
    away = member.positions.pop(SECOND)
    idle.commit(set())
    member.positions[SECOND] = at(away.offset - 5)
    idle.commit(set())
    assert member.commits[1:] == [{SECOND: at(15)}]

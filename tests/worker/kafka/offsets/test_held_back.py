"""Records behind an open transaction, without a broker."""

import logging
from types import SimpleNamespace

import pytest
from kafka import OffsetAndMetadata, TopicPartition

from worker.kafka.offsets.held_back import OpenTransactions
from worker.kafka.offsets.lag import EndOffsets
from worker.types import HeldBack

TP = TopicPartition("t", 0)


class Scene:
    """A partition whose end, last stable offset and position the test sets."""

    def __init__(self) -> None:
        self.position, self.end, self.stable = 10, 10, {TP: 10}
        self._subscription = SimpleNamespace(all_consumed_offsets=self.positions)
        self.now = 0.0
        self.watched = OpenTransactions(self, EndOffsets(self, self.stable), lambda: self.now)

    def positions(self) -> dict[TopicPartition, OffsetAndMetadata]:
        """Return the position as kafka-python keeps it."""
        return {TP: OffsetAndMetadata(self.position, "", -1)}

    def highwater(self, tp: TopicPartition) -> int:
        """Return the end of the partition."""
        assert tp == TP
        return self.end

    def held_back(self, seconds: float) -> HeldBack | None:
        """Return what is held back after so many seconds more."""
        self.now += seconds
        return self.watched.held_back([TP]).get(TP)


@pytest.fixture
def scene() -> Scene:
    """Return a partition that is read to its end."""
    return Scene()


def test_the_oldest_open_transaction_counts(scene: Scene) -> None:
    """A producer whose transactions follow each other holds nothing back for long."""
    assert scene.held_back(0) is None
    scene.end = 14
    assert scene.held_back(5) == HeldBack(4, 0.0)
    scene.end = 17
    assert scene.held_back(5) == HeldBack(7, 5.0)
    scene.position = scene.stable[TP] = 16
    assert scene.held_back(5) == HeldBack(1, 0.0), "the first transaction has ended"
    scene.position = scene.stable[TP] = 17
    assert scene.held_back(5) is None


def test_records_that_can_still_be_polled_come_first(scene: Scene) -> None:
    """A worker with a backlog is not held back."""
    scene.end, scene.position = 14, 9
    assert scene.held_back(0) is None


def test_a_long_transaction_is_logged_once(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """The log says why a partition stands still, once, and when that is over."""
    scene.end = 12
    for _ in range(20):
        scene.held_back(4)
    [line] = caplog.messages
    assert line.startswith("t-0: an open transaction of a producer has held back 2 records for 32 s")
    scene.position = scene.stable[TP] = 12
    with caplog.at_level(logging.WARNING):
        scene.held_back(4)
    assert caplog.messages[1:] == ["t-0: no transaction holds records back any more"]

"""Lag without a broker."""

import time
from types import SimpleNamespace
from typing import Literal

import pytest
from kafka import TopicPartition
from kafka.errors import RequestTimedOutError

from tests.worker.kafka.fakes import Consumer
from worker.kafka import KafkaSource
from worker.kafka.offsets.lag import EndOffsets, refresh_interval
from worker.settings import WorkerSettings


def test_lag_counts_the_records_not_polled_yet(source: KafkaSource) -> None:
    """Lag counts from the later of two known end offsets; an unknown end is not lag 0."""
    assert source.lag() == {("t", 0): 6, ("t", 1): 5, ("t", 2): None}


def test_records_behind_an_open_transaction_are_not_lag(source: KafkaSource) -> None:
    """They cannot be polled, and a worker that waits for them is neither stuck nor overloaded."""
    fetch = SimpleNamespace(
        topic_partition=TopicPartition("t", 0), partition_data=SimpleNamespace(last_stable_offset=5)
    )
    source._consumer._fetcher._parse_fetched_data(fetch)
    assert source.lag()["t", 0] == 1


def test_lag_is_known_while_the_broker_does_not_answer(source: KafkaSource) -> None:
    """A request for end offsets that fails does not stop the main loop; the last fetch still counts."""
    source._consumer.error = RequestTimedOutError()
    assert source.lag() == {("t", 0): 6, ("t", 1): 0, ("t", 2): None}


@pytest.mark.parametrize(("mode", "full", "often"), [("shed", True, 1), ("shed", False, 0), ("lag", True, 0)])
def test_end_offsets_are_requested_often_only_to_shed(
    mode: Literal["shed", "lag"],
    full: bool,
    often: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A request costs the main loop a millisecond or more; only after a full poll may buffered records hide a burst."""
    requests: list[object] = []

    def end_offsets(*partitions: object, **_: object) -> dict[TopicPartition, int]:
        requests.extend(partitions)
        return {}

    consumer = Consumer()
    monkeypatch.setattr(consumer, "end_offsets", end_offsets)
    ends = EndOffsets(consumer, {}, refresh_interval(WorkerSettings(on_overload=mode, latency_objective="10ms")))
    deadline = time.monotonic() + (5.0 if often else 0.3)
    while len(requests) < 2 and time.monotonic() < deadline:
        ends.refresh([TopicPartition("t", 0)], buffered=full)
    assert len(requests) == 1 + often

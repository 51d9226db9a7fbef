"""A partition that is lost and regained while its batch is classified."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import cast

import pytest

from tests.helpers import FakeSink, FakeSource, Journal, tweet
from tests.kafka.support.sessions import committed
from tests.kafka.support.tweets import group_of
from tests.worker.stream.test_in_flight import Gated
from tests.worker.stream.test_processor import processor
from worker.kafka import KafkaSink, KafkaSource
from worker.settings import KafkaSettings, WorkerSettings
from worker.types import Message

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


def feed(settings: KafkaSettings, text: str) -> None:
    """Produce five tweets to each partition."""
    with closing(KafkaSink(settings)) as sink:
        partitions = [n for n in range(3) for _ in range(5)]
        sink.publish([Message(settings.input_topic, None, tweet(n, text), partition=n) for n in partitions])


def wait(condition: Callable[[], bool], step: Callable[[], object]) -> None:
    """Take the step again and again, without a pause as workers do, until the condition holds."""
    deadline = time.monotonic() + 60
    while not condition():
        step()
        assert time.monotonic() < deadline, "the partitions do not move"


@contextmanager
def other_member(worker: WorkerSettings) -> Iterator[KafkaSource]:
    """Return another member, which polls and commits in a thread; it leaves at the end."""
    ended = Event()
    with closing(KafkaSource(worker)) as source:

        def run() -> None:
            while not ended.is_set():
                if records := source.poll(100, 200):
                    source.commit(records)

        thread = Thread(target=run, daemon=True)
        thread.start()
        yield source
        ended.set()
        thread.join(30)


def test_a_regained_partition_keeps_its_commit(settings: KafkaSettings) -> None:
    """The old batch is neither published nor committed there: another member has committed more in between."""
    known = settings.model_dump(include={"bootstrap_servers", "input_topic"})
    mine = WorkerSettings(**known, group_id=group_of(settings), session_timeout="6s")
    classifier, sink = Gated(), FakeSink(Journal())
    with closing(KafkaSource(mine)) as source:
        loop = processor(cast("FakeSource", source), sink, fast=classifier, depth=9)
        wait(lambda: len(source.assignments()) == 3, loop.step)
        first = source.assignments()
        feed(settings, "slow")
        wait(lambda: sum(source._consumer.position(tp) for tp in first) == 15, loop.step)
        with other_member(mine) as other:
            wait(lambda: len(other.assignments()) == 1 and len(source.assignments()) == 2, loop.step)
            [moved] = other.assignments()
            feed(settings, "quick")
            wait(lambda: committed(mine, moved[1]) == 10, loop.step)
        wait(lambda: len(source.assignments()) == 3, loop.step)
        assert source.assignments()[moved] != first[moved]
        classifier.gate.set()
        wait(lambda: len(sink.messages) >= 20, loop.step)
        loop.stop()
        loop.run()
    assert [committed(mine, n) for n in range(3)] == [10, 10, 10], "the old batch would have set 5"
    assert len(sink.messages) == 20, "all of the two others, none of the one that moved"

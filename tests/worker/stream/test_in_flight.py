"""Several batches in flight."""

import time
from collections.abc import Callable, Sequence
from threading import Event

import pytest
from prometheus_client import CollectorRegistry

from tests.helpers import FakeSink, FakeSource, FixedClassifier, Journal, record, tweet
from tests.worker.stream.test_processor import processor
from worker.errors import BatchAbortedError, ClassifierError
from worker.stream.processor import _JOIN_POLL_MS, _SHORT_POLL_MS, StreamProcessor
from worker.types import Floats, Record


class Gated(FixedClassifier):
    """A classifier that blocks on the text "slow" until its gate opens, and fails on "broken"."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Event()

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Wait at most a minute for the gate, then look the texts up."""
        assert "slow" not in texts or self.gate.wait(60)
        if "broken" in texts:
            raise MemoryError
        return super().predict_proba(texts)


class Scene:
    """A stream processor that may have three batches in flight: one for each text, each in its own partition."""

    def __init__(self, *texts: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.records = [record(tweet(n, text), partition=n) for n, text in enumerate(texts)]
        self.journal, self.classifier = Journal(), Gated()
        self.source = Crowd([[r] for r in self.records], self.journal)
        self.sink = FakeSink(self.journal, meanwhile=meanwhile)
        self.registry = CollectorRegistry()
        self.loop: StreamProcessor = processor(self.source, self.sink, self.registry, fast=self.classifier, depth=3)

    def finish(self) -> None:
        """Open the gate and stop."""
        self.classifier.gate.set()
        self.loop.stop()
        self.loop.run()


class Crowd(FakeSource):
    """A source whose partitions may be assigned to another member."""

    def __init__(self, batches: Sequence[Sequence[Record]], journal: Journal) -> None:
        super().__init__(batches, journal)
        self.here = dict.fromkeys((("tweets", n) for n in range(len(batches))), 1)

    def lag(self) -> dict[tuple[str, int], int | None]:
        """Return a lag of 1 for each assigned partition, so that nothing is audited."""
        return dict.fromkeys(self.here, 1)

    def assignments(self) -> dict[tuple[str, int], int]:
        """Return the number of each assignment."""
        return dict(self.here)


def test_the_next_batches_are_polled_while_one_is_classified() -> None:
    """Batches are polled while an earlier one is classified, and are delivered in order."""
    scene = Scene("slow", "quick")
    assert [scene.loop.step(), scene.loop.step(), scene.loop.step()] == [1, 1, 0]
    assert scene.journal == ["poll"] * 3, "the second batch is not published before the first"
    scene.finish()
    assert scene.source.committed == scene.records


def test_a_member_that_rejoins_is_polled_for_longer() -> None:
    """A step of joining takes longer than the short poll: the group's rebalance would wait for the batch in flight."""
    scene = Scene("slow", "quick")
    for joined in (True, False, True):
        scene.source.joined = joined
        scene.loop.step()
    assert scene.source.waits == [None, _JOIN_POLL_MS, _SHORT_POLL_MS]
    assert _JOIN_POLL_MS > _SHORT_POLL_MS
    scene.finish()


def test_partitions_in_flight_are_left_out_of_idle_commits() -> None:
    """The position of a partition is behind its records in flight: committed now, a crash would lose them."""
    scene = Scene("slow", "quick")
    scene.loop.step()
    scene.loop.step()
    scene.classifier.gate.set()
    while scene.source.in_flight[-1]:
        scene.loop.step()
    assert scene.source.in_flight[:2] == [{("tweets", 0)}, {("tweets", 0), ("tweets", 1)}]
    assert scene.source.committed == scene.records
    scene.finish()


def test_the_stage_at_work_is_visible_in_the_metrics() -> None:
    """While a batch is classified, the metrics show its tweets as in progress in its stage and operation."""
    scene = Scene("slow")
    scene.loop.step()
    value = scene.registry.get_sample_value
    for _ in range(1000):
        if value("cascade_stage_tweets_in_progress", {"stage": "baseline"}):
            break
        time.sleep(0.01)
    assert value("cascade_stage_tweets_in_progress", {"stage": "baseline"}) == 1
    assert value("cascade_operation_records_in_progress", {"operation": "classify"}) == 1
    scene.finish()
    assert value("cascade_stage_tweets_in_progress", {"stage": "baseline"}) == 0
    assert value("cascade_operation_records_in_progress", {"operation": "classify"}) == 0
    assert value("cascade_operation_records_out_total", {"operation": "classify"}) == 1


def test_at_most_depth_batches_are_in_flight() -> None:
    """With `depth` batches in flight the first is delivered before another one is polled."""
    scene = Scene("slow", "quick", "quick")
    scene.loop.step()
    scene.loop.step()
    assert not scene.source.committed
    scene.classifier.gate.set()
    scene.loop.step()
    assert scene.source.committed[:1] == scene.records[:1]
    scene.finish()
    assert scene.source.committed == scene.records


def test_records_of_a_lost_partition_are_not_published() -> None:
    """Records of a partition that another member owns now are left to that member."""
    scene = Scene("slow", "quick")
    scene.loop.step()
    scene.loop.step()
    del scene.source.here["tweets", 0]
    scene.finish()
    assert scene.source.committed == scene.records[1:]
    assert len(scene.sink.messages) == 1


def test_records_of_a_regained_partition_are_not_published() -> None:
    """They are polled again from what its owner in between has committed; the old batch would move that back."""
    scene = Scene("slow", "quick")
    scene.loop.step()
    scene.loop.step()
    scene.source.here["tweets", 0] += 1
    scene.finish()
    assert scene.source.committed == scene.records[1:]
    assert len(scene.sink.messages) == 1


def test_a_model_that_fails_ends_the_worker_with_nothing_more_committed() -> None:
    """Batches after the one that failed are not delivered, so that the committed offsets have no gap."""
    scene = Scene("quick", "broken", "quick")
    with pytest.raises(ClassifierError):
        scene.loop.run()
    assert scene.source.committed == scene.records[:1]


def test_batches_after_an_aborted_one_are_polled_again_too() -> None:
    """After an abort the source is rewound once, and every batch from the aborted one on is delivered once."""
    refusals = [BatchAbortedError("rebalanced")]

    def refuse_once() -> None:
        if refusals:
            raise refusals.pop()

    scene = Scene("slow", "quick", meanwhile=refuse_once)
    scene.loop.step()
    scene.loop.step()
    scene.classifier.gate.set()
    while len(scene.source.committed) < len(scene.records):
        scene.loop.step()
    assert scene.journal.count("rewind") == 1
    assert scene.source.committed == scene.records
    assert len(scene.sink.messages) == len(scene.records)

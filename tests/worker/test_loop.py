"""The order in which a batch is done."""

import pytest
from prometheus_client import CollectorRegistry

from schemas import Label
from tests.helpers import FakeSink, FakeSource, Journal, cascade, record, tweet
from worker.errors import BatchAbortedError, DeliveryError
from worker.loop import Worker
from worker.metrics import WorkerMetrics


def worker(source: FakeSource, sink: FakeSink, registry: CollectorRegistry | None = None) -> Worker:
    """Return a worker on fakes."""
    metrics = WorkerMetrics(registry or CollectorRegistry(), cascade(), {"version": "1"})
    return Worker(source, sink, cascade(), metrics, output_topic="out", dead_letter_topic="dead")


def test_a_batch_is_committed_after_it_is_published() -> None:
    """At least once: a crash at any point has the batch come again."""
    journal = Journal()
    source, sink = FakeSource([[record(), record(b"bad", 1)]], journal), FakeSink(journal)
    assert worker(source, sink).step() == 2
    assert journal == ["poll", "publish", "commit"]
    assert [m.topic for m in sink.messages] == ["out", "dead"]
    assert [r.offset for r in source.committed] == [0, 1]
    assert Label.model_validate_json(sink.messages[0].value).id == 7


def test_what_is_not_acknowledged_is_not_committed() -> None:
    """A label that the broker did not take is not given up: the worker ends, its batch comes again."""
    journal = Journal()
    source = FakeSource([[record()]], journal)
    with pytest.raises(DeliveryError):
        worker(source, FakeSink(journal, broken=True)).step()
    assert source.committed == []


def test_an_empty_poll_publishes_nothing() -> None:
    """An idle worker asks nothing of the broker but records."""
    journal = Journal()
    assert worker(FakeSource([], journal), FakeSink(journal)).step() == 0
    assert journal == ["poll"]


def test_a_rebalance_before_the_commit_does_not_end_the_worker() -> None:
    """The records come again, perhaps elsewhere; the worker goes on, and the metric tells."""
    journal, registry = Journal(), CollectorRegistry()
    source = FakeSource([[record()], [record(offset=1)]], journal, rebalanced=True)
    running = worker(source, FakeSink(journal), registry)
    assert [running.step(), running.step()] == [1, 1]
    assert registry.get_sample_value("cascade_commit_failures_total") == 2


def test_stop_ends_after_the_batch_in_hand() -> None:
    """SIGTERM loses nothing: what was polled is published and committed, and no more is polled."""
    journal = Journal()
    sink = FakeSink(journal)
    running = worker(FakeSource([[record()], [record(offset=1)]], journal), sink)
    sink.meanwhile = running.stop
    running.run()
    assert journal == ["poll", "publish", "commit"]


def test_what_is_published_is_counted() -> None:
    """The figures on the dashboard are those of the topics."""
    registry = CollectorRegistry()
    batch = [record(tweet(n)) for n in range(3)] + [record(b"\xff")]
    worker(FakeSource([batch], Journal()), FakeSink(Journal()), registry).step()
    value = registry.get_sample_value
    assert value("cascade_tweets_consumed_total") == 4
    assert value("cascade_labels_total", {"stage": "baseline", "label": "disaster"}) == 3
    assert value("cascade_dead_letters_total", {"reason": "invalid_utf8"}) == 1
    assert value("cascade_end_to_end_seconds_count") == 4
    assert value("cascade_batch_size_sum") == 4
    assert value("cascade_stage_seconds_count", {"stage": "baseline"}) == 1
    assert value("cascade_lag_records", {"topic": "tweets", "partition": "0"}) == 0


def test_an_aborted_batch_comes_again() -> None:
    """Under exactly once a batch that was aborted is neither lost nor counted; its second attempt is."""
    journal, registry, refusals = Journal(), CollectorRegistry(), [BatchAbortedError("rebalanced")]

    def refuse_once() -> None:
        if refusals:
            raise refusals.pop()

    source = FakeSource([[record()]], journal)
    running = worker(source, FakeSink(journal, meanwhile=refuse_once), registry)
    assert [running.step(), running.step()] == [1, 1]
    assert journal == ["poll", "publish", "rewind", "poll", "publish", "commit"]
    assert registry.get_sample_value("cascade_tweets_consumed_total") == 1
    assert registry.get_sample_value("cascade_commit_failures_total") == 1

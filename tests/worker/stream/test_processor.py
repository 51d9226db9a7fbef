"""The order in which a batch is done."""

import pytest
from prometheus_client import CollectorRegistry

from schemas import Label
from tests.helpers import FakeSink, FakeSource, FixedClassifier, Journal, cascade, record, tweet
from worker.cascade.cascade import Stage, ThresholdCascade
from worker.errors import BatchAbortedError, BreakerError, DeliveryError
from worker.metrics import WorkerMetrics
from worker.monitoring.health import Health
from worker.stream.circuit_breaker import Breaker
from worker.stream.delivery import Delivery
from worker.stream.processor import Worker
from worker.stream.supervision import Supervision


def worker(
    source: FakeSource,
    sink: FakeSink,
    registry: CollectorRegistry | None = None,
    supervision: Supervision | None = None,
    fast: FixedClassifier | None = None,
    depth: int = 1,
) -> Worker:
    """Return a worker on fakes."""
    metrics = WorkerMetrics(registry or CollectorRegistry(), cascade(), {"version": "1"})
    watched = supervision or Supervision(Health(60))
    delivery = Delivery(source, sink, metrics, watched, output_topic="out", dead_letter_topic="dead")
    return Worker(source, delivery, cascade(fast), metrics, watched, depth)


def test_a_batch_is_committed_after_it_is_published() -> None:
    """At least once: a crash at any point has the batch come again."""
    journal = Journal()
    source, sink = FakeSource([[record(), record(b"bad", 1)]], journal), FakeSink(journal)
    assert worker(source, sink).step() == 2
    assert journal == ["poll", "publish", "commit"]
    assert [m.topic for m in sink.messages] == ["out", "dead"]
    assert [r.offset for r in source.committed] == [0, 1]
    assert Label.model_validate_json(sink.messages[0].value or b"").id == 7


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
    committed = registry.get_sample_value("cascade_operation_records_out_total", {"operation": "commit"})
    assert committed == 0, "nothing got further"


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


def test_the_pause_after_aborts_grows_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker in trouble is not hammered, and a member that pauses is not dropped by its group."""

    def refuse() -> None:
        raise BatchAbortedError("again")

    pauses: list[float] = []
    running = worker(FakeSource([[record()]], Journal()), FakeSink(Journal(), meanwhile=refuse))
    monkeypatch.setattr(running, "_pause", pauses.append)
    for _ in range(9):
        running.step()
    assert pauses[:3] == [0.1, 0.2, 0.4]
    assert pauses[-2:] == [5.0, 5.0]


def test_stop_cuts_a_pause_short() -> None:
    """SIGTERM does not wait for the broker to recover."""
    running = worker(FakeSource([], Journal()), FakeSink(Journal()))
    running.stop()
    running._pause(3600)  # the test's own time-out tells if it does


def test_a_batch_that_is_aborted_for_ever_is_no_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop turns, yet no record gets any further: an orchestrator is to know."""

    def refuse() -> None:
        now[0] += 20
        raise BatchAbortedError("again")

    now = [0.0]
    health = Health(60, lambda: now[0])
    running = worker(
        FakeSource([[record()]], Journal()), FakeSink(Journal(), meanwhile=refuse), supervision=Supervision(health)
    )
    monkeypatch.setattr(running, "_pause", lambda _seconds: None)
    for _ in range(3):
        running.step()
    assert health.why_not_live() == []
    running.step()
    assert health.why_not_live() == ["tweets-0 stands still for 80 s while records wait in it"]


def test_a_batch_that_trips_the_breaker_is_neither_published_nor_committed() -> None:
    """What is wrong can be mended, and the batch labelled then; what was before it is done."""
    journal, registry = Journal(), CollectorRegistry()
    source = FakeSource([[record(b"", 0), record(b"", 1)], [record(b"", 2), record(offset=3)]], journal)
    running = worker(source, FakeSink(journal), registry, Supervision(Health(60), Breaker(max_run=2)))
    running.step()
    assert registry.get_sample_value("cascade_bad_records_run") == 2
    assert registry.get_sample_value("cascade_bad_records_ratio") == 1
    with pytest.raises(BreakerError, match="3 records in a row"):
        running.step()
    assert journal == ["poll", "publish", "commit", "poll"]


def test_an_aborted_batch_counts_once_for_the_breaker() -> None:
    """A batch that comes again is no second run of bad records."""
    refusals = [BatchAbortedError("rebalanced")]

    def refuse_once() -> None:
        if refusals:
            raise refusals.pop()

    source, breaker = FakeSource([[record(b"", 0), record(b"", 1)]], Journal()), Breaker(max_run=2)
    running = worker(source, FakeSink(Journal(), meanwhile=refuse_once), None, Supervision(Health(60), breaker))
    assert [running.step(), running.step()] == [2, 2]
    assert breaker.run == 2


def test_a_successor_takes_over_between_two_batches() -> None:
    """Each label names the model that made it, also one with other stages; so does the metric."""
    registry, successors = CollectorRegistry(), [None, ThresholdCascade([Stage("only", FixedClassifier())], "v2"), None]
    supervision = Supervision(Health(60), successor=lambda: successors.pop(0))
    sink = FakeSink(Journal())
    running = worker(FakeSource([[record(offset=n)] for n in range(3)], Journal()), sink, registry, supervision)
    for _ in range(3):
        running.step()
    labels = [Label.model_validate_json(m.value or b"") for m in sink.messages]
    assert [(label.model_version, label.stage) for label in labels] == [
        ("v1", "baseline"),
        ("v2", "only"),
        ("v2", "only"),
    ]
    value = registry.get_sample_value
    assert value("cascade_labels_total", {"stage": "only", "label": "disaster"}) == 2
    assert value("cascade_build_info", {"version": "1", "model_version": "v2"}) == 1
    assert value("cascade_build_info", {"version": "1", "model_version": "v1"}) is None

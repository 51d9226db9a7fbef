"""The main loop and the order of delivery."""

from concurrent.futures import Executor

import pytest
from prometheus_client import CollectorRegistry

from schemas import Label
from tests.artifacts import policy
from tests.helpers import FakeSink, FakeSource, FixedClassifier, Journal, cascade, record, tweet
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage
from worker.errors import BatchAbortedError, CircuitBreakerError, DeliveryError
from worker.metrics import WorkerMetrics
from worker.monitoring.health import Health
from worker.monitoring.shadow import ShadowEvaluator
from worker.overload.controller import OverloadController
from worker.stream.active_cascade import ActiveCascade, Successor
from worker.stream.circuit_breaker import CircuitBreaker
from worker.stream.delivery import Delivery
from worker.stream.in_flight import InFlight
from worker.stream.processor import StreamProcessor
from worker.stream.telemetry import Telemetry


def processor(
    source: FakeSource,
    sink: FakeSink,
    registry: CollectorRegistry | None = None,
    *,
    health: Health | None = None,
    breaker: CircuitBreaker | None = None,
    successor: Successor = lambda: None,
    fast: FixedClassifier | None = None,
    shadow: ShadowEvaluator | None = None,
    depth: int = 1,
    commits: Executor | None = None,
) -> StreamProcessor:
    """Return a stream processor on fakes."""
    metrics = WorkerMetrics(registry or CollectorRegistry(), cascade(), {"version": "1"})
    telemetry = Telemetry(metrics, health or Health(60))
    delivery = Delivery(
        source, sink, breaker or CircuitBreaker(), telemetry,
        output_topic="out", dead_letter_topic="dead", commits=commits,
    )  # fmt: skip
    active = ActiveCascade(cascade(fast), successor)
    shadow = shadow or ShadowEvaluator(0)
    return StreamProcessor(source, delivery, active, telemetry, OverloadController(), shadow, InFlight(depth))


def test_a_batch_is_committed_after_it_is_published() -> None:
    """The offsets are committed after every label and dead letter is acknowledged: at least once."""
    journal = Journal()
    source, sink = FakeSource([[record(), record(b"bad", 1)]], journal), FakeSink(journal)
    assert processor(source, sink).step() == 2
    assert journal == ["poll", "publish", "commit"]
    assert [m.topic for m in sink.messages] == ["out", "dead"]
    assert [r.offset for r in source.committed] == [0, 1]
    assert Label.model_validate_json(sink.messages[0].value or b"").id == 7


def test_a_batch_that_is_not_acknowledged_is_not_committed() -> None:
    """Where the broker does not acknowledge a label, the worker ends with the batch uncommitted."""
    journal = Journal()
    source = FakeSource([[record()]], journal)
    with pytest.raises(DeliveryError):
        processor(source, FakeSink(journal, broken=True)).step()
    assert source.committed == []


def test_an_empty_poll_publishes_nothing() -> None:
    """An idle worker only polls."""
    journal = Journal()
    assert processor(FakeSource([], journal), FakeSink(journal)).step() == 0
    assert journal == ["poll"]


def test_a_rebalance_before_the_commit_does_not_end_the_worker() -> None:
    """A commit that a rebalance refuses is counted, and the worker continues."""
    journal, registry = Journal(), CollectorRegistry()
    source = FakeSource([[record()], [record(offset=1)]], journal, rebalanced=True)
    loop = processor(source, FakeSink(journal), registry)
    assert [loop.step(), loop.step()] == [1, 1]
    assert registry.get_sample_value("cascade_commit_failures_total") == 2
    committed = registry.get_sample_value("cascade_operation_records_out_total", {"operation": "commit"})
    assert committed == 0, "the commits failed"


def test_stop_ends_after_the_batch_in_flight() -> None:
    """After a stop the polled batch is published and committed, and no further one is polled."""
    journal = Journal()
    sink = FakeSink(journal)
    loop = processor(FakeSource([[record()], [record(offset=1)]], journal), sink)
    sink.meanwhile = loop.stop
    loop.run()
    assert journal == ["poll", "publish", "commit"]


def test_a_published_batch_is_counted() -> None:
    """The metrics count the labels, dead letters, latencies and stage calls of a published batch."""
    registry = CollectorRegistry()
    batch = [record(tweet(n)) for n in range(3)] + [record(b"\xff")]
    processor(FakeSource([batch], Journal()), FakeSink(Journal()), registry).step()
    value = registry.get_sample_value
    assert value("cascade_tweets_consumed_total") == 4
    assert value("cascade_labels_total", {"stage": "baseline", "label": "disaster", "target": "1"}) == 3
    assert value("cascade_dead_letters_total", {"reason": "invalid_utf8"}) == 1
    assert value("cascade_end_to_end_seconds_count") == 4
    assert value("cascade_batch_size_sum") == 4
    assert value("cascade_stage_seconds_count", {"stage": "baseline"}) == 1
    assert value("cascade_lag_records", {"input_topic": "tweets", "partition": "0"}) == 0


def test_an_aborted_batch_is_polled_again() -> None:
    """An aborted batch is rewound and polled again, and only its second attempt is counted."""
    journal, registry, refusals = Journal(), CollectorRegistry(), [BatchAbortedError("rebalanced")]

    def refuse_once() -> None:
        if refusals:
            raise refusals.pop()

    source = FakeSource([[record()]], journal)
    loop = processor(source, FakeSink(journal, meanwhile=refuse_once), registry)
    assert [loop.step(), loop.step()] == [1, 1]
    assert journal == ["poll", "publish", "rewind", "poll", "publish", "commit"]
    assert registry.get_sample_value("cascade_tweets_consumed_total") == 1
    assert registry.get_sample_value("cascade_commit_failures_total") == 1


def test_only_delivered_batches_are_evidence() -> None:
    """A batch that is aborted and polled again is evidence once."""
    registry, refusals = CollectorRegistry(), [BatchAbortedError("rebalanced")]

    def refuse_once() -> None:
        if refusals:
            raise refusals.pop()

    source = FakeSource([[record(tweet(n), offset=n) for n in range(10)]], Journal())
    sink = FakeSink(Journal(), meanwhile=refuse_once)
    loop = processor(source, sink, registry, shadow=ShadowEvaluator(1))
    assert [loop.step(), loop.step()] == [10, 10]
    audits = {"segment": "all", "stage": "baseline", "agrees": "yes"}
    assert registry.get_sample_value("cascade_audits_total", audits) == 10
    assert registry.get_sample_value("cascade_segment_tweets_total", {"segment": "all"}) == 10


def test_widened_bands_end_with_their_artifact() -> None:
    """The batches after a move are decided in widened bands; those of a new artifact in its own."""
    promised = ThresholdCascade(cascade(strong=FixedClassifier(default=0.1)).stages, "v1", policy())
    replaced = ThresholdCascade(promised.stages, "v2", policy())
    successors = iter([None, None, replaced, None])
    batches = [[record(tweet(n), offset=100 * b + n) for n in range(100)] for b in range(3)]
    sink = FakeSink(Journal())
    loop = processor(
        FakeSource(batches, Journal()), sink, successor=lambda: next(successors), shadow=ShadowEvaluator(1)
    )
    loop._use(promised)
    for _ in range(3):
        loop.step()
    labels = [Label.model_validate_json(message.value or b"") for message in sink.messages]
    assert [(label.model_version, label.stage) for label in labels[::100]] == [
        ("v1", "baseline"), ("v1", "use"), ("v2", "baseline"),
    ]  # fmt: skip


def test_the_back_off_after_aborts_grows_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The back-off grows with each abort, and stays well below the group's poll interval."""

    def refuse() -> None:
        raise BatchAbortedError("again")

    pauses: list[float] = []
    loop = processor(FakeSource([[record()]], Journal()), FakeSink(Journal(), meanwhile=refuse))
    monkeypatch.setattr(loop, "_back_off", pauses.append)
    for _ in range(9):
        loop.step()
    assert pauses[:3] == [0.1, 0.2, 0.4]
    assert pauses[-2:] == [5.0, 5.0]


def test_stop_ends_a_back_off() -> None:
    """A stop ends a back-off at once."""
    loop = processor(FakeSource([], Journal()), FakeSink(Journal()))
    loop.stop()
    loop._back_off(3600)  # the test's own timeout fails it otherwise


def test_a_batch_that_is_aborted_for_ever_is_not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that keeps aborting the same batch is not live."""

    def refuse() -> None:
        now[0] += 20
        raise BatchAbortedError("again")

    now = [0.0]
    health = Health(60, lambda: now[0])
    loop = processor(FakeSource([[record()]], Journal()), FakeSink(Journal(), meanwhile=refuse), health=health)
    monkeypatch.setattr(loop, "_back_off", lambda _seconds: None)
    for _ in range(3):
        loop.step()
    assert health.liveness_problems() == []
    loop.step()
    assert health.liveness_problems() == ["tweets-0 has made no progress for 80 s while records wait in it"]


def test_a_batch_that_trips_the_breaker_is_neither_published_nor_committed() -> None:
    """The batch that trips the breaker is neither published nor committed; the batches before it are."""
    journal, registry = Journal(), CollectorRegistry()
    source = FakeSource([[record(b"", 0), record(b"", 1)], [record(b"", 2), record(offset=3)]], journal)
    loop = processor(source, FakeSink(journal), registry, breaker=CircuitBreaker(max_run=2))
    loop.step()
    assert registry.get_sample_value("cascade_bad_records_run") == 2
    assert registry.get_sample_value("cascade_bad_records_ratio") == 1
    with pytest.raises(CircuitBreakerError, match="3 records in a row"):
        loop.step()
    assert journal == ["poll", "publish", "commit", "poll"]


def test_an_aborted_batch_counts_once_for_the_breaker() -> None:
    """An aborted batch is not counted twice by the circuit breaker."""
    refusals = [BatchAbortedError("rebalanced")]

    def refuse_once() -> None:
        if refusals:
            raise refusals.pop()

    source, breaker = FakeSource([[record(b"", 0), record(b"", 1)]], Journal()), CircuitBreaker(max_run=2)
    loop = processor(source, FakeSink(Journal(), meanwhile=refuse_once), breaker=breaker)
    assert [loop.step(), loop.step()] == [2, 2]
    assert breaker.run == 2


def test_a_successor_takes_over_between_two_batches() -> None:
    """After a reload, labels and metrics name the new artifact, even one with other stages."""
    registry, successors = CollectorRegistry(), [None, ThresholdCascade([Stage("only", FixedClassifier())], "v2"), None]
    sink = FakeSink(Journal())
    source = FakeSource([[record(offset=n)] for n in range(3)], Journal())
    loop = processor(source, sink, registry, successor=lambda: successors.pop(0))
    for _ in range(3):
        loop.step()
    labels = [Label.model_validate_json(m.value or b"") for m in sink.messages]
    assert [(label.model_version, label.stage) for label in labels] == [
        ("v1", "baseline"),
        ("v2", "only"),
        ("v2", "only"),
    ]
    value = registry.get_sample_value
    assert value("cascade_labels_total", {"stage": "only", "label": "disaster", "target": "1"}) == 2
    assert value("cascade_build_info", {"version": "1", "model_version": "v2"}) == 1
    assert value("cascade_build_info", {"version": "1", "model_version": "v1"}) is None


def test_the_batch_after_an_aborted_one_is_smaller() -> None:
    """An aborted batch is polled again in smaller ones, so that a broker that is too slow for it lets them through."""

    def refuse() -> None:
        raise BatchAbortedError("too old")

    source = FakeSource([[record(offset=n) for n in range(20)]], Journal())
    loop = processor(source, FakeSink(Journal(), meanwhile=refuse))
    loop.step()
    source.batches.clear()
    loop.step()
    assert source.limits[1] == 10

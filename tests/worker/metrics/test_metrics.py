"""The worker's metrics."""

import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, Histogram

from schemas import CLASSES, Reason
from tests.helpers import FixedClassifier, cascade, record, tweet
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget, Cost
from worker.cascade.stage import Stage
from worker.errors import SettingError
from worker.metrics import WorkerMetrics, labelled, new_registry, serving
from worker.metrics.histogram import BatchHistogram
from worker.metrics.worker import OPERATIONS
from worker.stream.classify import classify_batch
from worker.stream.counts import counts_of
from worker.types import Arithmetic, Device, StageCall


@pytest.fixture
def registry() -> CollectorRegistry:
    """Return a fresh registry."""
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> WorkerMetrics:
    """Return the metrics of a cascade of two stages."""
    return WorkerMetrics(registry, cascade(), {"version": "1"})


@pytest.mark.usefixtures("metrics")
def test_every_labelled_series_starts_at_zero(registry: CollectorRegistry) -> None:
    """Every labelled series exists at 0 from the start, so that a rate misses no first event."""
    value = registry.get_sample_value
    labels = [
        value("cascade_labels_total", {"stage": stage, "label": name, "target": str(target)})
        for stage in ("baseline", "use")
        for target, name in enumerate(CLASSES)
    ]
    dead_letters = [value("cascade_dead_letters_total", {"reason": r}) for r in Reason]
    operations = [value("cascade_operation_seconds_count", {"operation": s}) for s in OPERATIONS]
    stages = [value("cascade_stage_seconds_count", {"stage": s}) for s in ("baseline", "use")]
    deferrals = [value("cascade_deferrals_total", {"stage": "baseline"})]
    flows = [value("cascade_operation_records_out_total", {"operation": s}) for s in OPERATIONS]
    probabilities = [value("cascade_stage_probability_count", {"stage": s}) for s in ("baseline", "use")]
    assert {*labels, *dead_letters, *operations, *stages, *deferrals, *flows, *probabilities} == {0}
    assert value("cascade_build_info", {"version": "1", "model_version": "v1"}) == 1


def test_deferrals_are_counted_at_the_stage_that_deferred(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    """A deferral is counted at the stage that deferred, the label at the stage that decided."""
    batch = [record(tweet(1, "sure")), record(tweet(2, "unsure"))]
    unsure = cascade(FixedClassifier({"unsure": 0.6}))
    metrics.delivered(counts_of(batch, classify_batch(batch, unsure, datetime.now(UTC))))
    assert registry.get_sample_value("cascade_deferrals_total", {"stage": "baseline"}) == 1
    assert registry.get_sample_value("cascade_labels_total", {"stage": "use", "label": "disaster", "target": "1"}) == 1


def test_records_are_counted_by_topic(registry: CollectorRegistry) -> None:
    """One bad topic among several is seen; each topic's series exist from the start."""
    metrics = WorkerMetrics(registry, cascade(), {"version": "1"}, topics=("tweets", "toots"))
    batch = [record(tweet(1)), record(b"{", topic="toots"), record(b" ", topic="toots"), record(b"{", topic="toots")]
    metrics.delivered(counts_of(batch, classify_batch(batch, cascade(), datetime.now(UTC))))
    found = {
        (topic, result): registry.get_sample_value(
            "cascade_topic_records_total", {"input_topic": topic, "result": result}
        )
        for topic in ("tweets", "toots")
        for result in ("labelled", "dead_letter", "skipped")
    }
    assert list(found.values()) == [1, 0, 0, 0, 2, 1]
    other = [record(tweet(2), topic="unnamed")]
    metrics.delivered(counts_of(other, classify_batch(other, cascade(), datetime.now(UTC))))
    counted = registry.get_sample_value("cascade_topic_records_total", {"input_topic": "unnamed", "result": "labelled"})
    assert counted == 1, "a topic that was not named at the start is counted too"


def test_a_lost_partition_has_no_lag(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    """A partition that is not assigned any more has no lag series here, so that no sum counts it twice."""
    metrics.polled(0, {("t", 0): 5, ("t", 1): 7, ("t", 2): None}, 1)
    assert registry.get_sample_value("cascade_lag_records", {"input_topic": "t", "partition": "2"}) is None, (
        "not known yet"
    )
    metrics.polled(0, {("t", 1): 3}, 1)
    value = registry.get_sample_value
    assert value("cascade_lag_records", {"input_topic": "t", "partition": "0"}) is None
    assert value("cascade_lag_records", {"input_topic": "t", "partition": "1"}) == 3
    assert value("cascade_ready") == 1


def test_a_rebalance_is_counted_once(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    """Each generation of the group counts once, however often it is polled in."""
    for generation in (-1, 4, 4, -1, 4, 5):
        metrics.polled(0, {}, generation)
    assert registry.get_sample_value("cascade_rebalances_total") == 2


def test_what_fails_in_an_operation_is_not_out(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    """In, less out, less in progress, is what was lost on the way: the first question when figures differ."""

    def flow(name: str) -> float | None:
        return registry.get_sample_value(f"cascade_operation_records_{name}", {"operation": "publish"})

    def fail() -> None:
        with metrics.flow("publish").passing(7):
            assert flow("in_progress") == 7
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    with metrics.flow("publish").passing(5):
        assert (flow("in_total"), flow("out_total")) == (12, 0)
    assert (flow("in_progress"), flow("out_total")) == (0, 5)
    last = registry.get_sample_value("cascade_operation_last_progress_timestamp_seconds", {"operation": "publish"})
    assert last == pytest.approx(time.time(), abs=60)


def test_a_stage_call_is_counted(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    """A stage call is counted: tweets in and out, seconds, size, and all probabilities."""
    stage = Stage("baseline", FixedClassifier({"a": 0.05, "b": 0.051, "c": 1.0}))
    metrics.adopt(ThresholdCascade([stage], "v2"))
    metrics.classified([stage.call(["a", "b", "c"])])

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"cascade_stage_{name}", {"stage": "baseline", **labels})

    below = [value("probability_bucket", le=le) for le in ("0.05", "0.1", "0.95", "1.0", "+Inf")]
    assert below == [1, 2, 2, 3, 3]
    assert value("probability_sum") == pytest.approx(1.101)
    assert [value(n) for n in ("tweets_in_total", "tweets_out_total", "batch_size_sum", "seconds_count")] == [
        3,
        3,
        3,
        1,
    ]


def test_a_text_that_a_stage_cannot_read_has_no_probability(registry: CollectorRegistry) -> None:
    """Histogram and drift have what the classifier says; the tweets in and out are all of them."""
    metrics = WorkerMetrics(registry, cascade(), {"version": "1"})
    metrics.classified([StageCall("baseline", 2, 0.1, np.array([0.2, np.nan]))])
    assert registry.get_sample_value("cascade_stage_probability_count", {"stage": "baseline"}) == 1
    assert registry.get_sample_value("cascade_stage_probability_sum", {"stage": "baseline"}) == pytest.approx(0.2)
    assert registry.get_sample_value("cascade_stage_tweets_out_total", {"stage": "baseline"}) == 2


def test_a_batch_of_observations_is_as_many_single_ones(registry: CollectorRegistry) -> None:
    """The batch histogram agrees with prometheus_client's own."""
    bounds, values = (0.1, 0.2, 0.5), np.random.default_rng(7).choice([0, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7], 100)
    quick, own = BatchHistogram("quick", "", buckets=bounds, registry=registry).labels(), Histogram(
        "own", "", buckets=bounds, registry=registry
    )  # fmt: skip
    quick.observe(values)
    for value in values:
        own.observe(value)
    for le in ("0.1", "0.2", "0.5", "+Inf"):
        found = [registry.get_sample_value(f"{name}_bucket", {"le": le}) for name in ("quick", "own")]
        assert found[0] == found[1]
    sums = [registry.get_sample_value(f"{name}_sum") for name in ("quick", "own")]
    assert sums[0] == pytest.approx(sums[1])


def test_every_series_has_the_group(registry: CollectorRegistry) -> None:
    """Every series has the labels of its group and topics, so that alerts can join them."""
    metrics = WorkerMetrics(registry, cascade(), {"version": "1"}, lambda: [Device("GPU:0", "A100")])
    metrics.polled(0, {("t", 3): 5}, 1)
    every = {"group": "g", "topic": "t,u"}
    shown = labelled(registry, every)
    assert shown.get_sample_value("cascade_ready", every) == 1
    assert shown.get_sample_value("cascade_lag_records", {**every, "input_topic": "t", "partition": "3"}) == 5
    device = {**every, "device": "GPU:0", "model": "A100"}
    assert shown.get_sample_value("cascade_device_info", device) == 1


def test_the_engine_is_that_of_the_cascade_in_use(registry: CollectorRegistry) -> None:
    """Whoever asks why a worker is slow sees what computes its encoder; a replaced artifact's engine is not shown."""
    first = Stage("use", FixedClassifier(), arithmetic=Arithmetic("onnx", "int8"))
    metrics = WorkerMetrics(registry, ThresholdCascade([first], "v1"), {"version": "1"})
    int8 = {"stage": "use", "engine": "onnx", "type": "int8"}
    assert registry.get_sample_value("cascade_stage_engine_info", int8) == 1
    metrics.adopt(ThresholdCascade([replace(first, arithmetic=Arithmetic("onnx", "float32"))], "v2"))
    assert registry.get_sample_value("cascade_stage_engine_info", int8) is None
    assert registry.get_sample_value("cascade_stage_engine_info", {**int8, "type": "float32"}) == 1


def test_ready_ends_with_the_last_partition(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    """`cascade_ready` is 0 once the last partition is lost."""
    metrics.polled(0, {("t", 0): 0}, 1)
    metrics.polled(0, {}, 1)
    assert registry.get_sample_value("cascade_ready") == 0


def test_metrics_are_served_and_a_port_in_use_is_a_setting_error() -> None:
    """/metrics includes the process metrics; a port in use is an error that names the setting."""
    with serving(new_registry(), {}, "127.0.0.1", 0) as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert b"process_resident_memory_bytes" in answer.read()
        with (
            pytest.raises(SettingError, match=rf"127\.0\.0\.1:{port}.*--metrics-port"),
            serving(new_registry(), {}, "127.0.0.1", port),
        ):
            pass


def test_a_failed_check_is_503_with_its_reasons() -> None:
    """A failed check answers 503 with one line for each problem; an unknown path answers 404."""
    problems: list[str] = []
    with serving(new_registry(), {"/livez": lambda: problems}, "127.0.0.1", 0) as port:
        assert get(port, "/livez") == (200, "ok\n")
        problems.extend(["stuck", "in two places"])
        assert get(port, "/livez") == (503, "stuck\nin two places\n")
        assert get(port, "/health")[0] == 404


def get(port: int, path: str) -> tuple[int, str]:
    """Return code and body of an answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize("names", ["name[]=cascade_ready", "name%5B%5D=cascade_ready&name[]=cascade_rebalances_total"])
def test_metrics_by_name(registry: CollectorRegistry, names: str) -> None:
    """`/metrics?name[]=cascade_ready` shows that metric with its labels, and no other."""
    WorkerMetrics(registry, cascade(), {"version": "1"})
    with serving(labelled(registry, {"group": "g"}), {}, "127.0.0.1", 0) as port:
        _, body = get(port, f"/metrics?{names}")
    shown = [line.split("{")[0] for line in body.splitlines() if not line.startswith("#")]
    assert shown == names.replace("name%5B%5D=", "").replace("name[]=", "").split("&")
    assert 'cascade_ready{group="g"} 0.0' in body


def test_shed_deferrals_are_counted() -> None:
    """Shed deferrals are counted, and the allowed ratio returns to 1 when shedding ends."""
    registry = CollectorRegistry()
    metrics, value = WorkerMetrics(registry, cascade(), {"version": "1"}), registry.get_sample_value
    unsure = cascade(FixedClassifier(default=0.5))
    batch = [record(tweet(n), offset=n) for n in range(10)]
    for seconds, shed, allowed in ((3.0, 7, 0.3), (99.0, 7, 1.0)):
        result = classify_batch(batch, unsure, datetime.now(UTC), Budget(seconds, {"use": Cost(0, 1)}))
        metrics.delivered(counts_of(batch, result))
        assert value("cascade_shed_total", {"stage": "baseline"}) == shed
        assert value("cascade_deferral_allowed_ratio") == allowed
    assert value("cascade_deferrals_total", {"stage": "baseline"}) == 13
    metrics.paced(64, 0.25)
    assert (value("cascade_batch_limit_records"), value("cascade_latency_objective_seconds")) == (64, 0.25)

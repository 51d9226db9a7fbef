"""What Prometheus sees."""

import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from schemas import CLASSES, Reason
from tests.helpers import FixedClassifier, cascade, record, tweet
from worker.errors import SettingError
from worker.metrics import WorkerMetrics, new_registry, serving
from worker.metrics.worker import STEPS
from worker.pipeline import classify_batch


@pytest.fixture
def registry() -> CollectorRegistry:
    """Return a registry of its own: nothing to clean up."""
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> WorkerMetrics:
    """Return the metrics of a cascade of two stages."""
    return WorkerMetrics(registry, cascade(), {"version": "1"})


@pytest.mark.usefixtures("metrics")
def test_every_labelled_series_starts_at_zero(registry: CollectorRegistry) -> None:
    """A rate over a series that appears with its first event misses that event."""
    value = registry.get_sample_value
    labels = [value("cascade_labels_total", {"stage": s, "label": c}) for s in ("baseline", "use") for c in CLASSES]
    letters = [value("cascade_dead_letters_total", {"reason": r}) for r in Reason]
    steps = [value("cascade_step_seconds_count", {"step": s}) for s in STEPS]
    stages = [value("cascade_stage_seconds_count", {"stage": s}) for s in ("baseline", "use")]
    deferrals = [value("cascade_deferrals_total", {"stage": "baseline"})]
    assert {*labels, *letters, *steps, *stages, *deferrals} == {0}
    assert value("cascade_build_info", {"version": "1", "model_version": "v1"}) == 1


def test_deferrals_are_counted_at_the_stage_that_deferred(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    """The share of deferrals is what the cascade saves or costs."""
    batch = [record(tweet(1, "sure")), record(tweet(2, "unsure"))]
    unsure = cascade(FixedClassifier({"unsure": 0.6}))
    metrics.published(classify_batch(batch, unsure, datetime.now(UTC)))
    assert registry.get_sample_value("cascade_deferrals_total", {"stage": "baseline"}) == 1
    assert registry.get_sample_value("cascade_labels_total", {"stage": "use", "label": "disaster"}) == 1


def test_a_partition_that_went_elsewhere_has_no_lag_here(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    """After a rebalance a sum over workers must not count a partition twice."""
    metrics.lag({("t", 0): 5, ("t", 1): 7, ("t", 2): None})
    assert registry.get_sample_value("cascade_lag_records", {"topic": "t", "partition": "2"}) is None, "not known yet"
    metrics.lag({("t", 1): 3})
    value = registry.get_sample_value
    assert value("cascade_lag_records", {"topic": "t", "partition": "0"}) is None
    assert value("cascade_lag_records", {"topic": "t", "partition": "1"}) == 3
    assert value("cascade_ready") == 1


def test_ready_ends_with_the_last_partition(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    """A worker without partitions does nothing, and says so."""
    metrics.lag({("t", 0): 0})
    metrics.lag({})
    assert registry.get_sample_value("cascade_ready") == 0


def test_metrics_are_served_and_a_taken_port_is_told() -> None:
    """Prometheus finds the process' own figures too; two workers on one port get a clear line, not a traceback."""
    with serving(new_registry(), {}, "127.0.0.1", 0) as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert b"process_resident_memory_bytes" in answer.read()
        with (
            pytest.raises(SettingError, match=rf"127\.0\.0\.1:{port}.*--metrics-port"),
            serving(new_registry(), {}, "127.0.0.1", port),
        ):
            pass


def test_a_failed_check_is_503_with_its_reasons() -> None:
    """An orchestrator reads the code, a person the lines; a path that is none is not taken for health."""
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

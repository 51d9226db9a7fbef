"""Count of functions that TensorFlow traces after their warm-up."""

import numpy as np
from prometheus_client import CollectorRegistry

from tests.helpers import cascade
from worker.metrics import WorkerMetrics
from worker.models.encoder.traced import TracedFunction, retraces


def test_a_shape_new_after_the_warm_up_is_counted_once() -> None:
    """The metric counts each trace that tweets waited for, once, and none of the warm-up."""
    registry = CollectorRegistry()
    WorkerMetrics(registry, cascade(), {"version": "1"}, retraces=retraces)
    double = TracedFunction(lambda x: x * 2)
    before = retraces()
    double(np.zeros(2, np.float32))
    double.end_warm_up()
    double(np.ones(2, np.float32))
    assert retraces() == before
    assert double(np.ones(3, np.float32)).numpy().tolist() == [2, 2, 2]
    double(np.zeros(3, np.float32))
    assert retraces() == before + 1
    assert registry.get_sample_value("cascade_retraces_total") == before + 1

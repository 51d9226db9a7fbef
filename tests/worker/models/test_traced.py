"""Counting what TensorFlow traces."""

import numpy as np
from prometheus_client import CollectorRegistry

from tests.helpers import cascade
from worker.metrics import WorkerMetrics
from worker.models.traced import Compiled, retraces


def test_a_shape_that_was_not_warmed_up_is_counted_once() -> None:
    """The metric says that tweets waited for a trace, and only then."""
    registry = CollectorRegistry()
    WorkerMetrics(registry, cascade(), {"version": "1"}, retraces=retraces)
    double = Compiled(lambda x: x * 2)
    before = retraces()
    double(np.zeros(2, np.float32))
    double.warm()
    double(np.ones(2, np.float32))
    assert retraces() == before
    assert double(np.ones(3, np.float32)).numpy().tolist() == [2, 2, 2]
    double(np.zeros(3, np.float32))
    assert retraces() == before + 1
    assert registry.get_sample_value("cascade_retraces_total") == before + 1

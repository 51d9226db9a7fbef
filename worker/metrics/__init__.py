"""What the worker measures of itself; the only package that knows prometheus_client."""

from worker.metrics.constant import labelled
from worker.metrics.http import new_registry, serving
from worker.metrics.worker import WorkerMetrics

__all__ = ["WorkerMetrics", "labelled", "new_registry", "serving"]

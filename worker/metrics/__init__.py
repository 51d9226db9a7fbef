"""What the worker measures of itself; the only package that knows prometheus_client."""

from prometheus_client import CollectorRegistry

from worker.metrics.http import new_registry, serving
from worker.metrics.worker import WorkerMetrics

__all__ = ["CollectorRegistry", "WorkerMetrics", "new_registry", "serving"]

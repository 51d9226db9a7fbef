"""The worker's Prometheus metrics; the only package that imports prometheus_client."""

from worker.metrics.follow import FollowMetrics
from worker.metrics.http import serving
from worker.metrics.registry import labelled, new_registry
from worker.metrics.worker import WorkerMetrics

__all__ = ["FollowMetrics", "WorkerMetrics", "labelled", "new_registry", "serving"]

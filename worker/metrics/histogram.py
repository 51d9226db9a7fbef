"""A histogram that takes a batch at once."""

import threading
from collections.abc import Iterable, Sequence

import numpy as np
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import HistogramMetricFamily, Metric

from worker.types import Floats


class Series:
    """Counts the observations of one series; the bounds are inclusive."""

    def __init__(self, bounds: Floats) -> None:
        self._bounds = bounds
        self._counts = np.zeros(len(bounds) + 1, dtype=np.int64)
        self._sum = 0.0
        self._lock = threading.Lock()

    def observe(self, values: Floats) -> None:
        """Count the values, shape (n,), none of them NaN."""
        counts = np.bincount(np.searchsorted(self._bounds, values, side="left"), minlength=len(self._counts))
        with self._lock:  # the HTTP server reads from a thread of its own
            self._counts += counts
            self._sum += float(values.sum())

    def snapshot(self) -> tuple[list[int], float]:
        """Return the cumulative counts, the last of all observations, and their sum."""
        with self._lock:
            return np.cumsum(self._counts).tolist(), self._sum


class BatchHistogram:
    """A Prometheus histogram that locks and searches once a batch, not once an observation as the library's own does.

    Args:
        name: of the metric.
        documentation: shown as its help.
        labelnames: of its series.
        buckets: the upper bounds, rising, without +Inf.
        registry: where it is registered.

    """

    def __init__(
        self,
        name: str,
        documentation: str,
        labelnames: Sequence[str] = (),
        *,
        buckets: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name, self._documentation, self._labelnames = name, documentation, labelnames
        self._bounds = np.asarray(buckets, dtype=np.float64)
        self._series: dict[tuple[str, ...], Series] = {}
        registry.register(self)

    def labels(self, *values: str) -> Series:
        """Return the series of these labels' values; it starts at 0."""
        return self._series.setdefault(values, Series(self._bounds))

    def describe(self) -> Iterable[Metric]:
        """Name it, without its series."""
        return [HistogramMetricFamily(self._name, self._documentation, labels=self._labelnames)]

    def collect(self) -> Iterable[Metric]:
        """Return what was observed so far."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labelnames)
        bounds = [*map(str, self._bounds.tolist()), "+Inf"]
        for values, series in list(self._series.items()):
            counts, total = series.snapshot()
            family.add_metric(values, list(zip(bounds, counts, strict=True)), total)
        return [family]

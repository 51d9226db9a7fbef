"""Histograms: their buckets, and one that observes a whole batch at once.

docs/metrics.md says how the buckets were chosen.
"""

import threading
from collections.abc import Iterable, Sequence

import numpy as np
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import HistogramMetricFamily, Metric

from worker.types import Floats

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 16384, 65536)
PROBABILITIES = tuple(n / 20 for n in range(1, 21))


class Series:
    """The observations of one series; the bounds are inclusive."""

    def __init__(self, bounds: Floats) -> None:
        self._bounds = bounds
        self._counts = np.zeros(len(bounds) + 1, dtype=np.int64)
        self._sum = 0.0
        self._lock = threading.Lock()

    def observe(self, values: Floats) -> None:
        """Count the values, shape (n,), none of them NaN."""
        counts = np.bincount(np.searchsorted(self._bounds, values, side="left"), minlength=len(self._counts))
        with self._lock:  # the HTTP server reads from its own thread
            self._counts += counts
            self._sum += float(values.sum())

    def snapshot(self) -> tuple[list[int], float]:
        """Return the cumulative counts, the last one of all observations, and the sum of the values."""
        with self._lock:
            return np.cumsum(self._counts).tolist(), self._sum


class BatchHistogram:
    """A Prometheus histogram that locks and searches once a batch; the library's own does so once an observation.

    Args:
        name: of the metric.
        documentation: its help text.
        labelnames: of its series.
        buckets: the upper bounds, ascending, without +Inf.
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
        """Return the series with these label values; it starts at 0."""
        return self._series.setdefault(values, Series(self._bounds))

    def describe(self) -> Iterable[Metric]:
        """Return the metric without its series."""
        return [HistogramMetricFamily(self._name, self._documentation, labels=self._labelnames)]

    def collect(self) -> Iterable[Metric]:
        """Return the metric with all observations so far."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labelnames)
        bounds = [*map(str, self._bounds.tolist()), "+Inf"]
        for values, series in list(self._series.items()):
            counts, total = series.snapshot()
            family.add_metric(values, list(zip(bounds, counts, strict=True)), total)
        return [family]

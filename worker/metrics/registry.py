"""The registry of the worker's metrics, and the labels that all of its series get."""

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.metrics_core import Metric


def new_registry() -> CollectorRegistry:
    """Return a registry with the metrics of this process: memory, CPU time, open files, Python."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry


class _LabelledCollector:
    """Collects from a registry and adds labels to each series; a series' own label wins."""

    def __init__(self, registry: CollectorRegistry, labels: Mapping[str, str]) -> None:
        self._registry, self._labels = registry, labels

    def describe(self) -> Iterable[Metric]:
        """Return nothing: names only matter where two collectors could clash."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Return the registry's metrics with the labels."""
        for metric in self._registry.collect():
            found = Metric(metric.name, metric.documentation, metric.type, metric.unit)
            found.samples = [
                sample._replace(labels={**self._labels, **sample.labels})
                for sample in metric.samples
                if not sample.name.endswith("_created")  # a further series each, which nobody reads
            ]
            yield found


class _Selection:
    """The samples of a collector that have one of these names."""

    def __init__(self, collector: _LabelledCollector, names: Iterable[str]) -> None:
        self._collector, self._names = collector, set(names)

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics that have such samples, with these samples only."""
        for metric in self._collector.collect():
            metric.samples = [sample for sample in metric.samples if sample.name in self._names]
            if metric.samples:
                yield metric


class _LabelledRegistry(CollectorRegistry):
    """Shows a labelled collector; it selects names itself, since the collector describes none beforehand."""

    def __init__(self, collector: _LabelledCollector) -> None:
        super().__init__()
        self._collector = collector
        self.register(collector)

    def restricted_registry(self, names: Iterable[str]) -> Any:  # noqa: ANN401 (the base class's type, without its collectors)
        """Return what `/metrics?name[]=NAME` shows."""
        return _Selection(self._collector, names)


def labelled(registry: CollectorRegistry, labels: Mapping[str, str]) -> CollectorRegistry:
    """Return a registry that shows another one's metrics with these labels added to all series."""
    return _LabelledRegistry(_LabelledCollector(registry, labels))

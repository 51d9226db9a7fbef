"""Labels that all series of a process have."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric


class _Labelled:
    """Collects from a registry and adds the labels to each series; none of them replaces a series' own."""

    def __init__(self, registry: CollectorRegistry, labels: Mapping[str, str]) -> None:
        self._registry, self._labels = registry, labels

    def describe(self) -> Iterable[Metric]:
        """Name nothing: names are only looked at where two collectors could clash."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Return the registry's metrics with the labels."""
        for metric in self._registry.collect():
            found = Metric(metric.name, metric.documentation, metric.type, metric.unit)
            found.samples = [
                sample._replace(labels={**self._labels, **sample.labels})
                for sample in metric.samples
                if not sample.name.endswith("_created")  # when it began to count: to Prometheus one more series each
            ]
            yield found


def labelled(registry: CollectorRegistry, labels: Mapping[str, str]) -> CollectorRegistry:
    """Return a registry that shows what another one holds, with these labels on all series."""
    shown = CollectorRegistry()
    shown.register(_Labelled(registry, labels))
    return shown

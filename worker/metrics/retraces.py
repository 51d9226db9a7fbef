"""What TensorFlow had to trace again."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily

_ABOUT = "Traces of a TensorFlow function for a new shape after it was warm; tweets wait for each."


class Retraces:
    """Asks whenever it is scraped.

    Args:
        registry: where it is registered.
        count: tells how many there were.

    """

    def __init__(self, registry: CollectorRegistry, count: Callable[[], int]) -> None:
        self._count = count
        registry.register(self)

    def collect(self) -> Iterable[CounterMetricFamily]:
        """Return the counter."""
        yield CounterMetricFamily("cascade_retraces", _ABOUT, value=self._count())

"""Metrics of the cascade's stages, and of TensorFlow's retraces."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.metrics_core import CounterMetricFamily

from worker.metrics.flow import Flow, Flows
from worker.metrics.histogram import PROBABILITIES, SECONDS, SIZES, BatchHistogram, Series
from worker.types import Floats, StageCall


class StageMetrics:
    """Stage calls: tweets in and out, seconds, sizes, probabilities."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._flows = Flows("stage", "tweets", registry)
        self._seconds = Histogram(
            "cascade_stage_seconds", "Time of a stage call.", ["stage"], buckets=SECONDS, registry=registry
        )
        self._sizes = Histogram(
            "cascade_stage_batch_size", "Tweets in a stage call.", ["stage"], buckets=SIZES, registry=registry
        )
        self._probability = BatchHistogram(
            "cascade_stage_probability",
            "Probability of class 1 of all tweets that reach the stage and that it can read.", ["stage"],
            buckets=PROBABILITIES, registry=registry,
        )  # fmt: skip
        self._tweets_at: Callable[[str], int] = lambda _stage: 0
        self._series: dict[str, _StageSeries] = {}

    def watch(self, tweets_at: Callable[[str], int]) -> None:
        """Ask `tweets_at` for the tweets in progress in a stage at each scrape."""
        self._tweets_at = tweets_at
        for name, series in self._series.items():
            series.flow.watch(partial(tweets_at, name))

    def adopt(self, stages: Sequence[str]) -> None:
        """Create the series of these stages; new ones start at 0."""
        for name in stages:
            self._series[name] = _StageSeries(
                self._flows.labels(name), self._seconds.labels(name), self._sizes.labels(name),
                self._probability.labels(name),
            )  # fmt: skip
            self._series[name].flow.watch(partial(self._tweets_at, name))

    def count(self, call: StageCall) -> None:
        """Count a stage call."""
        self._series[call.stage].count(call)


class _StageSeries:
    """The series of one stage."""

    def __init__(self, flow: Flow, seconds: Histogram, sizes: Histogram, probability: Series) -> None:
        self.flow, self._seconds, self._sizes, self._probability = flow, seconds, sizes, probability

    def count(self, call: StageCall) -> None:
        self.flow.count_in(call.tweets)
        if call.probabilities is not None:
            self._succeeded(call, call.probabilities)

    def _succeeded(self, call: StageCall, probabilities: Floats) -> None:
        self.flow.count_out(call.tweets)
        self._seconds.observe(call.seconds)
        self._sizes.observe(call.tweets)
        self._probability.observe(probabilities[~np.isnan(probabilities)])


class RetraceCollector:
    """Counts TensorFlow's retraces at each scrape.

    Args:
        registry: where it is registered.
        count: returns the number of retraces so far.

    """

    def __init__(self, registry: CollectorRegistry, count: Callable[[], int]) -> None:
        self._count = count
        registry.register(self)

    def collect(self) -> Iterable[CounterMetricFamily]:
        """Return the counter."""
        about = "Traces of a TensorFlow function for a new shape after the warm-up; tweets wait for each."
        yield CounterMetricFamily("cascade_retraces", about, value=self._count())

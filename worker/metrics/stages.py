"""A stage of the cascade, measured."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Histogram

from worker.cascade.cascade import Stage
from worker.metrics.buckets import PROBABILITIES, SECONDS, SIZES
from worker.metrics.flow import Flow, Flows
from worker.metrics.histogram import BatchHistogram
from worker.types import Classifier, Floats

Took = Callable[[str, int, float], None]
"""Is told a stage's name, the tweets of a call, and its seconds."""


def nobody(stage: str, tweets: int, seconds: float) -> None:
    """Take no notice."""


class StageMetrics:
    """The metrics of all stages."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._flows = Flows("stage", "tweets", registry)
        self._seconds = Histogram(
            "cascade_stage_seconds", "Time of one stage, for all tweets of a batch that reach it.", ["stage"],
            buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self._sizes = Histogram(
            "cascade_stage_batch_size", "Tweets of a batch that reach a stage.", ["stage"], buckets=SIZES,
            registry=registry,
        )  # fmt: skip
        self._probability = BatchHistogram(
            "cascade_stage_probability", "Probability of a disaster, of all tweets that reach a stage.", ["stage"],
            buckets=PROBABILITIES, registry=registry,
        )  # fmt: skip

    def measured(self, stage: Stage, saw: Callable[[Floats], None] | None = None, took: Took = nobody) -> Classifier:
        """Return the stage's classifier with its series, which are there, at 0, from now on.

        `saw` is told each batch's probabilities of a disaster, shape (n,); `took`, what each call took.
        """
        seconds, sizes = self._seconds.labels(stage.name), self._sizes.labels(stage.name)
        flow, probability = self._flows.labels(stage.name), self._probability.labels(stage.name)
        told = (probability.observe, saw) if saw else (probability.observe,)
        return Measured(stage.classifier, seconds, sizes, flow, told, partial(took, stage.name))


class Measured:
    """A classifier that counts what goes through it, how long that takes, and what it says."""

    def __init__(
        self,
        classifier: Classifier,
        seconds: Histogram,
        sizes: Histogram,
        flow: Flow,
        told: Sequence[Callable[[Floats], None]],
        took: Callable[[int, float], None],
    ) -> None:
        self._classifier, self._took = classifier, took
        self._seconds, self._sizes, self._flow, self._told = seconds, sizes, flow, told

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return self._classifier.classes_

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return the classifier's own probabilities."""
        start = time.perf_counter()
        with self._flow.passing(len(texts)):
            p = self._classifier.predict_proba(texts)
        seconds = time.perf_counter() - start
        self._seconds.observe(seconds)
        self._took(len(texts), seconds)
        self._sizes.observe(len(texts))
        for tell in self._told:
            tell(p[:, 1])
        return p

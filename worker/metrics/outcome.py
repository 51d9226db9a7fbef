"""Metrics of labels, deferrals, dead letters and end-to-end latency."""

import time
from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Histogram

from schemas import Reason
from worker.formats.types import Skip
from worker.metrics.histogram import LATENCIES, SIZES, BatchHistogram
from worker.stream.counts import RESULTS, BatchCounts
from worker.types import Floats

LabelCounts = Mapping[tuple[str, int], int]
"""Numbers of labels, by stage and target."""


class OutcomeMetrics:
    """Labels, deferrals, dead letters and latency; a batch costs one call a series, not one a record."""

    def __init__(self, registry: CollectorRegistry, topics: Sequence[str]) -> None:
        self._records = Counter(
            "cascade_topic_records", "Records of an input topic, by result.", ["input_topic", "result"],
            registry=registry,
        )  # fmt: skip
        for topic in topics:  # so that all of them start at 0
            for result in RESULTS:
                self._records.labels(topic, result)
        self._consumed = Counter(
            "cascade_tweets_consumed", "Records that became a label or a dead letter.", registry=registry
        )
        self._label_series = Counter(
            "cascade_labels", "Tweets labelled, by stage, name and target.", ["stage", "label", "target"],
            registry=registry,
        )  # fmt: skip
        self._deferral_series = Counter(
            "cascade_deferrals", "Tweets that the stage deferred to the next one.", ["stage"], registry=registry
        )
        dead = Counter("cascade_dead_letters", "Records that could not be labelled.", ["reason"], registry=registry)
        self._dead_letters = {reason: dead.labels(reason) for reason in Reason}
        skipped = Counter(
            "cascade_skipped_records", "Records that hold no tweet and are not bad, such as notices.", ["reason"],
            registry=registry,
        )  # fmt: skip
        self._skipped = {str(reason): skipped.labels(reason) for reason in Skip}
        self._latency = BatchHistogram(
            "cascade_end_to_end_seconds", "Time from a record's timestamp to the commit of its label or dead letter.",
            buckets=LATENCIES, registry=registry,
        ).labels()  # fmt: skip
        self._batch = Histogram("cascade_batch_size", "Records in a batch.", buckets=SIZES, registry=registry)

    def adopt(self, stages: Sequence[str], classes: Sequence[str]) -> None:
        """Create the series of these stages, from the first to the last, and of these classes; new ones start at 0."""
        named = list(product(stages, enumerate(classes)))
        self._labels = {(s, target): self._label_series.labels(s, name, target) for s, (target, name) in named}
        self._deferrals = {s: self._deferral_series.labels(s) for s in stages[:-1]}

    def count(self, counts: BatchCounts) -> None:
        """Count a committed batch and the latency of its records."""
        self._consumed.inc(len(counts.timestamps))
        self._batch.observe(len(counts.timestamps))
        self._observe_latency(counts.timestamps)
        self._count_labels(counts.labels)
        for reason, count in counts.dead_letters.items():
            self._dead_letters[reason].inc(count)
        for why, count in counts.skipped.items():
            self._skipped[why].inc(count)
        for key, count in counts.topics.items():
            self._records.labels(*key).inc(count)

    def _observe_latency(self, stamps: Floats) -> None:
        self._latency.observe(np.maximum(0.0, time.time() - stamps[stamps >= 0] / 1000))

    def _count_labels(self, counts: LabelCounts) -> None:
        for key, labels in counts.items():
            self._labels[key].inc(labels)
        left = sum(counts.values())
        for stage, deferrals in self._deferrals.items():
            left -= sum(labels for (name, _), labels in counts.items() if name == stage)
            deferrals.inc(left)

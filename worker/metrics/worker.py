"""What the worker measures of itself."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas import CLASSES, Reason
from worker.breaker import Breaker
from worker.cascade import Stage, ThresholdCascade
from worker.metrics.timed import Timed
from worker.types import Classifier, Lag, Outcome

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
RELOADS = ("accepted", "unchanged", "rejected")
STEPS = ("poll", "classify", "publish", "commit")


class WorkerMetrics:
    """The worker's metrics in a registry of their own; every labelled series starts at 0.

    Args:
        registry: where they are registered.
        cascade: gives the names of the stages.
        versions: become the labels of `cascade_build_info`, beside that of the cascade.

    """

    def __init__(self, registry: CollectorRegistry, cascade: ThresholdCascade, versions: Mapping[str, str]) -> None:
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry)
        histogram = partial(Histogram, registry=registry)
        self._consumed = counter("cascade_tweets_consumed", "Records consumed and accounted for.")
        self._label_series = counter("cascade_labels", "Tweets labelled.", ["stage", "label"])
        self._deferral_series = counter("cascade_deferrals", "Tweets that a stage passed on to the next.", ["stage"])
        dead = counter("cascade_dead_letters", "Records that could not be labelled.", ["reason"])
        self._commit_failures = counter("cascade_commit_failures", "Batches that were published but not committed.")
        steps = histogram("cascade_step_seconds", "Time of one step of a batch.", ["step"], buckets=_SECONDS)
        self._stage_series = histogram(
            "cascade_stage_seconds", "Time of one stage, for all tweets of a batch that reach it.", ["stage"],
            buckets=_SECONDS,
        )  # fmt: skip
        self._latency = histogram(
            "cascade_end_to_end_seconds",
            "Time from a record's timestamp to the acknowledgement of its label or dead letter.",
            buckets=_LATENCIES,
        )
        self._batch = histogram("cascade_batch_size", "Records in a batch.", buckets=_SIZES)
        self._lag = gauge("cascade_lag_records", "Records still to be polled.", ["topic", "partition"])
        self._ready = gauge("cascade_ready", "1 while partitions are assigned, else 0.")
        self._bad_share = gauge("cascade_bad_share", "Share of bad records in the breaker's window.")
        self._bad_run = gauge("cascade_bad_run", "Bad records that came last, in a row.")
        reloads = counter("cascade_artifact_reloads", "New artefacts, by what became of them.", ["result"])
        self._reloads = {r: reloads.labels(r) for r in RELOADS}
        self._info = gauge(
            "cascade_build_info", "Always 1; its labels tell the versions.", [*versions, "model_version"]
        )
        self._versions = versions
        self._dead_letters = {r: dead.labels(r) for r in Reason}
        self._steps = {s: steps.labels(s) for s in STEPS}
        self._lag_series: set[tuple[str, int]] = set()
        self.adopt(cascade)

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Measure this cascade from here on: its version, and the series of its stages, which start at 0 if new."""
        names = [stage.name for stage in cascade.stages]
        self._info.clear()
        self._info.labels(**self._versions, model_version=cascade.version).set(1)
        self._labels = {(s, c): self._label_series.labels(s, c) for s in names for c in CLASSES}
        self._deferrals = {s: self._deferral_series.labels(s) for s in names[:-1]}
        self._stages = {s: self._stage_series.labels(s) for s in names}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step of the loop."""
        start = time.perf_counter()
        yield
        self._steps[name].observe(time.perf_counter() - start)

    def timed(self, stage: Stage) -> Classifier:
        """Return the stage's classifier with a stop-watch."""
        return Timed(stage.classifier, self._stages[stage.name])

    def published(self, outcome: Outcome) -> None:
        """Count a batch whose every message is acknowledged."""
        now = time.time()
        self._count(outcome)
        for record, _ in (*outcome.labels, *outcome.dead_letters):
            if record.timestamp >= 0:
                self._latency.observe(max(0.0, now - record.timestamp / 1000))

    def _count(self, outcome: Outcome) -> None:
        size = len(outcome.labels) + len(outcome.dead_letters)
        self._consumed.inc(size)
        self._batch.observe(size)
        for _, label in outcome.labels:
            self._labels[label.stage, label.label].inc()
            for stage, deferrals in self._deferrals.items():
                if stage == label.stage:
                    break
                deferrals.inc()
        for _, letter in outcome.dead_letters:
            self._dead_letters[letter.reason].inc()

    def commit_failed(self) -> None:
        """Count a batch that was published but not committed."""
        self._commit_failures.inc()

    def bad(self, breaker: Breaker) -> None:
        """Tell how near the breaker is to stopping the worker."""
        self._bad_share.set(breaker.share)
        self._bad_run.set(breaker.run)

    def reloaded(self, result: str) -> None:
        """Count a new artefact that was accepted, unchanged or rejected; safe from any thread."""
        self._reloads[result].inc()

    def lag(self, lag: Lag) -> None:
        """Set the lag of the partitions assigned now, where it is known; forget that of all others."""
        known = {tp: records for tp, records in lag.items() if records is not None}
        for topic, partition in self._lag_series - known.keys():
            self._lag.remove(topic, str(partition))
        for (topic, partition), records in known.items():
            self._lag.labels(topic, str(partition)).set(records)
        self._lag_series = set(known)
        self._ready.set(bool(lag))

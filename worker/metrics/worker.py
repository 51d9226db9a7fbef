"""All metrics of the worker; docs/metrics.md lists them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.topics import TWEETS
from worker.cascade.cascade import ThresholdCascade
from worker.metrics.flow import Flow, Flows
from worker.metrics.group import GroupMetrics
from worker.metrics.histogram import SECONDS
from worker.metrics.load import LoadMetrics
from worker.metrics.outcome import OutcomeMetrics
from worker.metrics.quality import QualityMetrics
from worker.metrics.stages import RetraceCollector, StageMetrics
from worker.metrics.versions import VersionMetrics
from worker.stream.circuit_breaker import CircuitBreaker
from worker.stream.counts import BatchCounts
from worker.types import Device, Lag, StageCall

OPERATIONS = ("poll", "classify", "encode", "publish", "commit")


class WorkerMetrics:
    """The worker's metrics in one registry; every labelled series starts at 0.

    Args:
        registry: where they are registered.
        cascade: gives the names of the stages.
        versions: become the labels of `cascade_build_info`, beside that of the cascade.
        devices: returns those that the models compute on.
        retraces: returns how often TensorFlow has traced a function after the warm-up.
        topics: the input topics.

    """

    def __init__(
        self,
        registry: CollectorRegistry,
        cascade: ThresholdCascade,
        versions: Mapping[str, str],
        devices: Callable[[], Iterable[Device]] = tuple,
        retraces: Callable[[], int] = int,
        topics: Sequence[str] = (TWEETS,),
    ) -> None:
        self._outcome, self._group = OutcomeMetrics(registry, topics), GroupMetrics(registry)
        self._quality, self._load = QualityMetrics(registry), LoadMetrics(registry)
        self._stages, self._versions = StageMetrics(registry), VersionMetrics(registry, versions, devices)
        self.audited, self.reloaded = self._quality.audited, self._versions.reloaded
        self.connected = self._group.connected
        self.watch_stages, self.paced = self._stages.watch, self._load.paced
        RetraceCollector(registry, retraces)
        self._breaker = BreakerMetrics(registry)
        self.breaker = self._breaker.update
        failures = ("cascade_commit_failures", "Batches that were not committed and may be polled again.")
        self._commit_failures = Counter(*failures, registry=registry)
        about = ("cascade_operation_seconds", "Time of an operation of the main loop on a batch.", ["operation"])
        seconds, flows = Histogram(*about, buckets=SECONDS, registry=registry), Flows("operation", "records", registry)
        self._seconds = {operation: seconds.labels(operation) for operation in OPERATIONS}
        self._flows = {operation: flows.labels(operation) for operation in OPERATIONS}
        self.adopt(cascade)

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Show this cascade from now on: its version, and the series of its stages."""
        self._versions.adopt(cascade)
        self._outcome.adopt(cascade.names, cascade.classes)
        for part in (self._load, self._stages):
            part.adopt(cascade.names)
        self._quality.adopt(cascade.names, cascade.segments, cascade.policy)
        self._first = cascade.names[0]

    def flow(self, operation: str) -> Flow:
        """Return the flow of records through an operation of the main loop."""
        return self._flows[operation]

    def took(self, operation: str, seconds: float) -> None:
        """Observe the time of an operation."""
        self._seconds[operation].observe(seconds)

    def polled(self, records: int, lag: Lag, generation: int) -> None:
        """Count a poll's records; set the lag and the group's generation."""
        self._flows["poll"].count_in(records)
        self._flows["poll"].count_out(records)
        self._group.update(lag, generation)

    def classified(self, calls: Sequence[StageCall]) -> None:
        """Count the stage calls of a batch."""
        for call in calls:
            self._stages.count(call)

    def observe_drift(self, calls: Sequence[StageCall]) -> None:
        """Add the first stage's probabilities of a batch to the drift."""
        for call in calls:
            if call.stage == self._first and call.probabilities is not None:
                self._quality.observe(call.probabilities[~np.isnan(call.probabilities)])

    def delivered(self, counts: BatchCounts) -> None:
        """Count a batch that is published and committed, or a partition's part of it."""
        self._outcome.count(counts)
        self._load.count(counts)

    def commit_failed(self) -> None:
        """Count a batch that was not committed."""
        self._commit_failures.inc()


class BreakerMetrics:
    """How close the circuit breaker is to stopping the worker."""

    def __init__(self, registry: CollectorRegistry) -> None:
        gauge = partial(Gauge, registry=registry)
        self._ratio = gauge("cascade_bad_records_ratio", "Ratio of bad records among the last 10,000.")
        self._limit = gauge("cascade_bad_records_ratio_limit", "Ratio of bad records above which the worker stops.")
        self._run = gauge("cascade_bad_records_run", "Length of the current run of bad records.")

    def update(self, breaker: CircuitBreaker) -> None:
        """Set the gauges from the circuit breaker."""
        self._ratio.set(breaker.share)
        self._limit.set(breaker.max_share)
        self._run.set(breaker.run)

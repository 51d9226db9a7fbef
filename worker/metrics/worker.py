"""What the worker measures of itself; docs/metrics.md lists it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from worker.cascade.cascade import Stage, ThresholdCascade
from worker.metrics.buckets import SECONDS
from worker.metrics.flow import Flows
from worker.metrics.group import GroupMetrics
from worker.metrics.load import LoadMetrics
from worker.metrics.outcome import OutcomeMetrics
from worker.metrics.quality import QualityMetrics
from worker.metrics.retraces import Retraces
from worker.metrics.stages import StageMetrics, Took, nobody
from worker.metrics.versions import VersionMetrics
from worker.stream.circuit_breaker import Breaker
from worker.types import Classifier, Device, Lag, Outcome

OPERATIONS = ("poll", "classify", "encode", "publish", "commit")


class WorkerMetrics:
    """The worker's metrics in a registry of their own; every labelled series starts at 0.

    Args:
        registry: where they are registered.
        cascade: gives the names of the stages.
        versions: become the labels of `cascade_build_info`, beside that of the cascade.
        devices: tells what TensorFlow computes on.
        retraces: tells how often TensorFlow traced a function after it was warm.

    """

    def __init__(
        self,
        registry: CollectorRegistry,
        cascade: ThresholdCascade,
        versions: Mapping[str, str],
        devices: Callable[[], Iterable[Device]] = tuple,
        retraces: Callable[[], int] = int,
    ) -> None:
        self._outcome, self._group = OutcomeMetrics(registry), GroupMetrics(registry)
        self._quality, self._load = QualityMetrics(registry), LoadMetrics(registry)
        self.audited = self._quality.audited
        self._stage_metrics, self._versions = StageMetrics(registry), VersionMetrics(registry, versions, devices)
        self.reloaded = self._versions.reloaded
        Retraces(registry, retraces)
        gauge = partial(Gauge, registry=registry)
        self._bad_ratio = gauge("cascade_bad_records_ratio", "Bad records among the last 10,000, from 0 to 1.")
        self._bad_limit = gauge("cascade_bad_records_ratio_limit", "Above this ratio of bad records the worker stops.")
        self._bad_run = gauge("cascade_bad_records_run", "Bad records that came last, in a row.")
        failures = ("cascade_commit_failures", "Batches that were not committed and may come again.")
        self._commit_failures = Counter(*failures, registry=registry)
        about = ("cascade_operation_seconds", "Time of one operation of the main loop on a batch.", ["operation"])
        seconds, flows = Histogram(*about, buckets=SECONDS, registry=registry), Flows("operation", "records", registry)
        self._seconds = {operation: seconds.labels(operation) for operation in OPERATIONS}
        self._flows = {operation: flows.labels(operation) for operation in OPERATIONS}
        self.adopt(cascade)

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Measure this cascade from here on: its version, and the series of its stages, which start at 0 if new."""
        self._versions.adopt(cascade.version)
        names = [stage.name for stage in cascade.stages]
        self._outcome.adopt(names)
        self._load.adopt(names)
        self._quality.adopt(names, cascade.policy)
        self._first = names[0]
        for stage in cascade.stages:
            self._stage_metrics.measured(stage)

    @contextmanager
    def step(self, name: str, records: int) -> Iterator[None]:
        """Time one operation of the main loop and count the records that go through it."""
        start = time.perf_counter()
        with self._flows[name].passing(records):
            yield
        self._seconds[name].observe(time.perf_counter() - start)

    def timed(self, stage: Stage, took: Took = nobody) -> Classifier:
        """Return the stage's classifier, measured; `took` is told what each call took."""
        return self._stage_metrics.measured(stage, self._quality.saw if stage.name == self._first else None, took)

    def polled(self, records: int, lag: Lag, generation: int) -> None:
        """Count what a poll gave, and tell how far behind the worker is and in which generation of its group."""
        self._flows["poll"].arrived(records)
        self._group.now(lag, generation)

    def paced(self, limit: int, objective_s: float) -> None:
        """Tell how many records the next batch may have, and what for."""
        self._load.paced(limit, objective_s)

    def published(self, outcome: Outcome) -> None:
        """Count a batch whose every message is acknowledged."""
        self._outcome.count(outcome)
        self._load.count(outcome)

    def commit_failed(self) -> None:
        """Count a batch that was not committed."""
        self._commit_failures.inc()

    def bad(self, breaker: Breaker) -> None:
        """Tell how near the breaker is to stopping the worker."""
        self._bad_ratio.set(breaker.share)
        self._bad_limit.set(breaker.max_share)
        self._bad_run.set(breaker.run)

"""Telemetry of the main loop: reports each operation to the metrics and to the health checks."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from worker.cascade.cascade import ThresholdCascade
from worker.metrics import WorkerMetrics
from worker.monitoring.health import Health
from worker.monitoring.shadow import Audit, ShadowEvaluator
from worker.stream.circuit_breaker import CircuitBreaker
from worker.stream.counts import BatchCounts
from worker.types import BatchResult, Lag, Partition, Record, Source, StageCall


class Telemetry:
    """Reports to the metrics and the health checks; called from the main thread only.

    Args:
        metrics: for Prometheus.
        health: for /livez and /readyz.

    """

    def __init__(self, metrics: WorkerMetrics, health: Health) -> None:
        self._metrics, self._health = metrics, health

    def watch_stages(self, tweets_at: Callable[[str], int]) -> None:
        """Show how many tweets each stage is classifying, as `tweets_at` returns it for a stage's name."""
        self._metrics.watch_stages(tweets_at)

    def adopt(self, cascade: ThresholdCascade) -> None:
        """Report on this cascade from now on."""
        self._metrics.adopt(cascade)

    @contextmanager
    def operation(self, name: str, records: int = 0) -> Iterator[None]:
        """Time an operation of the main loop and count the records that pass it."""
        self._health.begin(name)
        start = time.perf_counter()
        with self._metrics.flow(name).passing(records):
            yield
        self._metrics.took(name, time.perf_counter() - start)

    def paced(self, limit: int, objective_s: float) -> None:
        """Report the batch limit and the latency objective."""
        self._metrics.paced(limit, objective_s)

    def polled(self, source: Source, records: Sequence[Record], lag: Lag, earlier: set[Partition]) -> None:
        """Report a poll; see `Health.polled`."""
        status = source.status()
        self._metrics.polled(len(records), lag, source.generation())
        self._metrics.connected(status)
        self._health.polled(lag, records, status, earlier)

    def begun(self, records: int) -> None:
        """Report that a thread begins to classify this many records."""
        self._metrics.flow("classify").enter(records)

    @contextmanager
    def waiting(self, name: str, records: int) -> Iterator[None]:
        """Report that the main loop waits for the end of an operation of a thread: `classify` or `commit`."""
        self._health.begin(name)
        try:
            yield
        finally:
            self._metrics.flow(name).leave(records)

    def classified(self, records: int, calls: Sequence[StageCall], seconds: float) -> None:
        """Report that a thread classified this many records."""
        self._metrics.flow("classify").count_out(records)
        self._metrics.took("classify", seconds)
        self._metrics.classified(calls)

    def dropped(self, records: int) -> None:
        """Report that this many records in flight are dropped, to be polled again."""
        self._metrics.flow("classify").leave(records)

    def commit_begun(self, records: int) -> None:
        """Report that the commit of this many records begins."""
        self._health.begin("commit")
        self._metrics.flow("commit").enter(records)

    def committed(self, records: Sequence[Record], seconds: float) -> None:
        """Report a commit that took this long."""
        self._metrics.flow("commit").count_out(len(records))
        self._metrics.took("commit", seconds)
        self._health.committed(records)

    def commit_failed(self) -> None:
        """Report a batch that was not committed."""
        self._metrics.commit_failed()

    def delivered(self, counts: BatchCounts) -> None:
        """Report a batch that is published and committed, or a partition's part of it."""
        self._metrics.delivered(counts)

    def breaker(self, breaker: CircuitBreaker) -> None:
        """Report how close the circuit breaker is to tripping."""
        self._metrics.breaker(breaker)

    def learned(self, result: BatchResult, audits: Sequence[Audit], shadow: ShadowEvaluator) -> None:
        """Report what a committed batch is evidence of: drift, audits, and the state of the segments."""
        self._metrics.observe_drift(result.stage_calls)
        self._metrics.audited(result.audits, audits, shadow)

    def stopping(self) -> None:
        """Report that the worker was asked to stop; safe to call from a signal handler."""
        self._health.stopping()

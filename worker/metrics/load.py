"""Metrics of overload: batch limit, latency objective, shed deferrals."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from worker.stream.counts import BatchCounts


class LoadMetrics:
    """Batch limit, latency objective and shed deferrals."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._objective = Gauge(
            "cascade_latency_objective_seconds", "The value of --latency-objective.", registry=registry
        )
        self._limit = Gauge("cascade_batch_limit_records", "Most records of the next batch.", registry=registry)
        self._shed_series = Counter(
            "cascade_shed", "Tweets that the stage decided for lack of time though they lay inside its band.",
            ["stage"], registry=registry,
        )  # fmt: skip
        self._allowed = Gauge(
            "cascade_deferral_allowed_ratio",
            "Ratio of the latest batch's tweets inside a band that were deferred; 1 where none was shed.",
            registry=registry,
        )
        self._allowed.set(1)

    def adopt(self, stages: Sequence[str]) -> None:
        """Create the series of these stages, from the first to the last; new ones start at 0."""
        self._shed = {stage: self._shed_series.labels(stage) for stage in stages[:-1]}
        self._stages = stages

    def paced(self, limit: int, objective_s: float) -> None:
        """Set the batch limit and the latency objective."""
        self._limit.set(limit)
        self._objective.set(objective_s)

    def count(self, counts: BatchCounts) -> None:
        """Count a batch's shed deferrals."""
        for stage, labels in counts.shed.items():
            self._shed[stage].inc(labels)
        shed, deferred = sum(counts.shed.values()), self._deferrals(counts)
        self._allowed.set(deferred / (deferred + shed) if shed else 1)

    def _deferrals(self, counts: BatchCounts) -> int:
        """Return the number of deferrals: one for each stage that a tweet passed."""
        return sum(self._stages.index(stage) * labels for (stage, _), labels in counts.labels.items())

"""How the worker meets its load: how large batches may be, and what is shed."""

from collections import Counter as Tally
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from worker.types import Outcome


class LoadMetrics:
    """Limit, objective and shed deferrals."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._objective = Gauge(
            "cascade_latency_objective_seconds", "How long a tweet may take, by --latency-objective.", registry=registry
        )
        self._limit = Gauge("cascade_batch_limit_records", "Records that the next batch may have.", registry=registry)
        self._shed_series = Counter(
            "cascade_shed", "Labels of a stage that would have passed the tweet on, had there been time.", ["stage"],
            registry=registry,
        )  # fmt: skip
        self._allowed = Gauge(
            "cascade_deferral_allowed_ratio",
            "Ratio of the latest batch's tweets inside of a band that were passed on; 1 where none is shed.",
            registry=registry,
        )
        self._allowed.set(1)

    def adopt(self, stages: Sequence[str]) -> None:
        """Have the series of these stages, from the fastest to the last; they start at 0 if new."""
        self._shed = {stage: self._shed_series.labels(stage) for stage in stages[:-1]}
        self._stages = stages

    def paced(self, limit: int, objective_s: float) -> None:
        """Tell how many records the next batch may have, and what for."""
        self._limit.set(limit)
        self._objective.set(objective_s)

    def count(self, outcome: Outcome) -> None:
        """Count what a batch shed."""
        shed = Tally([label.stage for _, label in outcome.labels if label.shed])
        for stage, labels in shed.items():
            self._shed[stage].inc(labels)
        self._allowed.set(self._passed_on(outcome) / (self._passed_on(outcome) + shed.total()) if shed else 1)

    def _passed_on(self, outcome: Outcome) -> int:
        """Return how often a stage passed a tweet on: once for each stage that was not the first."""
        return sum(self._stages.index(stage) * labels for stage, labels in outcome.decided.items())

"""Metrics of drift and audits: whether the cascade is still as good as training promised."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas import Policy
from worker.monitoring.drift import Drift
from worker.monitoring.shadow import Audit, ShadowEvaluator
from worker.types import Floats

_UNKNOWN = float("nan")
AGREEMENT = ("yes", "no")


class QualityMetrics:
    """Drift of the first stage's probabilities, and audits."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._index = Gauge(
            "cascade_drift_index",
            "Population stability index of the first stage's latest 10,000 probabilities against training's; "
            "NaN before 1,000, or where the artifact has no histogram.",
            registry=registry,
        )  # fmt: skip
        self._audits = Counter(
            "cascade_audits", "Audited tweets, by the stage that decided and whether the last stage agrees.",
            ["stage", "agrees"], registry=registry,
        )  # fmt: skip
        self._limit = Gauge(
            "cascade_audit_disagreement_limit",
            "Highest ratio of audits that disagree, by training's 95 % upper bound; NaN where there is none.",
            registry=registry,
        )  # fmt: skip
        self._waiting = Gauge("cascade_audits_waiting", "Tweets drawn and not audited yet.", registry=registry)
        self._dropped = Counter(
            "cascade_audits_dropped", "Tweets drawn and dropped for lack of time.", registry=registry
        )
        self._drift: Drift | None = None
        self._dropped_before = 0

    def adopt(self, stages: Sequence[str], policy: Policy | None) -> None:
        """Compare with this artifact's promises from now on."""
        self._drift = Drift(policy.histogram) if policy else None
        self._index.set(_UNKNOWN)
        self._limit.set(policy.overruled_high if policy else _UNKNOWN)
        self._series = {(s, a): self._audits.labels(s, a) for s in stages[:-1] for a in AGREEMENT}

    def observe(self, p: Floats) -> None:
        """Add the first stage's probabilities of a batch, shape (n,)."""
        if self._drift:
            self._drift.observe(p)
            self._index.set(self._drift.index)

    def audited(self, audits: Sequence[Audit], shadow: ShadowEvaluator) -> None:
        """Count audits, and set how many tweets wait for one."""
        for audit in audits:
            self._series[audit.stage, AGREEMENT[not audit.agrees]].inc()
        self._waiting.set(shadow.waiting)
        self._dropped.inc(shadow.dropped - self._dropped_before)
        self._dropped_before = shadow.dropped

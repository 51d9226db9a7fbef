"""Whether the cascade is still as good as training promised."""

from collections.abc import Sequence
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas import Policy
from worker.monitoring.drift import Drift
from worker.monitoring.shadow import Audit, Auditor
from worker.types import Floats

_NOTHING = float("nan")
AGREEMENT = ("yes", "no")


class QualityMetrics:
    """Drift of the first stage's probabilities, and the audits."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._index = Gauge(
            "cascade_drift_index",
            "Population stability index of the first stage's latest 10,000 probabilities against training's; "
            "not a number before 1,000, or where the artefact has no histogram.",
            registry=registry,
        )  # fmt: skip
        self._audits = Counter(
            "cascade_audits", "Tweets decided before the last stage that it was asked about all the same.",
            ["stage", "agrees"], registry=registry,
        )  # fmt: skip
        self._limit = Gauge(
            "cascade_audit_disagreement_limit",
            "Ratio of audits that disagree, at most, by training's 95 % upper bound; not a number where it gave none.",
            registry=registry,
        )  # fmt: skip
        self._waiting = Gauge("cascade_audits_waiting", "Tweets drawn for an audit that wait.", registry=registry)
        self._dropped = Counter(
            "cascade_audits_dropped", "Tweets drawn for an audit for which there was no time.", registry=registry
        )  # fmt: skip
        self._lock = Lock()
        self._drift: Drift | None = None
        self._told_dropped = 0

    def adopt(self, stages: Sequence[str], policy: Policy | None) -> None:
        """Compare with this artefact's promises from here on."""
        self._drift = Drift(policy.histogram) if policy else None
        self._index.set(_NOTHING)
        self._limit.set(policy.overruled_high if policy else _NOTHING)
        self._series = {(s, a): self._audits.labels(s, a) for s in stages[:-1] for a in AGREEMENT}

    def saw(self, p: Floats) -> None:
        """Take in what the first stage's classifier said of a batch, shape (n,)."""
        with self._lock:  # batches are classified side by side
            if self._drift:
                self._drift.saw(p)
                self._index.set(self._drift.index)

    def audited(self, audits: Sequence[Audit], auditor: Auditor) -> None:
        """Count audits, and tell what waits for one."""
        for audit in audits:
            self._series[audit.stage, AGREEMENT[not audit.agrees]].inc()
        self._waiting.set(auditor.waiting)
        self._dropped.inc(auditor.dropped - self._told_dropped)
        self._told_dropped = auditor.dropped

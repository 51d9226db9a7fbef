"""Metrics of drift and audits: whether the cascade is still as good as training promised."""

from collections.abc import Sequence
from functools import partial
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas import Policy
from worker.monitoring.drift import Drift
from worker.monitoring.shadow import Audit, SegmentState, ShadowEvaluator
from worker.types import AuditedBatch, Floats

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
            "cascade_audits", "Audited early decisions, by the stage that decided and whether the last stage agrees.",
            ["segment", "stage", "agrees"], registry=registry,
        )  # fmt: skip
        self._segments = SegmentMetrics(registry)
        self._limit = Gauge(
            "cascade_audit_disagreement_limit",
            "Highest ratio of audits that disagree, by training's 95 % upper bound; NaN where there is none.",
            registry=registry,
        )  # fmt: skip
        self._drift: Drift | None = None

    def adopt(self, stages: Sequence[str], segments: Sequence[str], policy: Policy | None) -> None:
        """Compare with this artifact's promises from now on."""
        self._drift = Drift(policy.histogram) if policy else None
        self._index.set(_UNKNOWN)
        self._limit.set(policy.overruled_high if policy else _UNKNOWN)
        keys = product(segments, stages[:-1], AGREEMENT)
        self._series = {key: self._audits.labels(*key) for key in keys}
        self._segments.adopt(stages, segments)

    def observe(self, p: Floats) -> None:
        """Add the first stage's probabilities of a batch, shape (n,)."""
        if self._drift:
            self._drift.observe(p)
            self._index.set(self._drift.index)

    def audited(self, batches: Sequence[AuditedBatch], audits: Sequence[Audit], shadow: ShadowEvaluator) -> None:
        """Count tweets and audits, and show what follows from them."""
        for audit in audits:
            self._series[audit.segment, audit.stage, AGREEMENT[not audit.agrees]].inc()
        self._segments.update(batches, shadow)


class SegmentMetrics:
    """Tweets, evidence and bands of each segment."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter, gauge = partial(Counter, registry=registry), partial(Gauge, registry=registry)
        self._tweets = counter("cascade_segment_tweets", "Tweets by segment, audited or not.", ["segment"])
        self._exceeded = gauge(
            "cascade_promise_exceeded",
            "1 while the evidence shows that the last stage would overrule more than promised with the bands as "
            "trained.",
            ["segment"],
        )
        self._evidence = gauge(
            "cascade_promise_evidence_ratio",
            "Evidence that the present bands break the promise, or that narrower ones keep it, as a ratio of what is "
            "needed to change them.",
            ["segment", "promise"],
        )
        self._widths = gauge(
            "cascade_band_width_ratio",
            "How far the stage's band is widened: 0 as trained, 1 where the stage decides nothing.",
            ["segment", "stage"],
        )

    def adopt(self, stages: Sequence[str], segments: Sequence[str]) -> None:
        """Create the series of these segments; new ones start at 0."""
        self._stages = stages[:-1]
        self._counts = [self._tweets.labels(segment) for segment in segments]
        for metric in (self._exceeded, self._evidence, self._widths):
            metric.clear()
        for segment in segments:
            self._show(SegmentState(segment, exceeded=False, broken=0, kept=0, widths=[0.0] * len(self._stages)))

    def update(self, batches: Sequence[AuditedBatch], shadow: ShadowEvaluator) -> None:
        """Count the tweets of a batch and show the state of each segment."""
        for batch in batches:
            for series, tweets in zip(self._counts, batch.tweets.tolist(), strict=True):
                series.inc(tweets)
        for state in shadow.states() if batches else ():
            self._show(state)

    def _show(self, state: SegmentState) -> None:
        self._exceeded.labels(state.name).set(state.exceeded)
        for promise, evidence in (("broken", state.broken), ("kept", state.kept)):
            self._evidence.labels(state.name, promise).set(evidence)
        for stage, width in zip(self._stages, state.widths, strict=True):
            self._widths.labels(state.name, stage).set(width)

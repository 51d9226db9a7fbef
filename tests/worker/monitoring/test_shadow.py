"""Shadow evaluation."""

from datetime import UTC, datetime

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from schemas import Policy
from tests.artifacts import policy
from tests.helpers import FixedClassifier, cascade, record, tweet
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget, Cost
from worker.metrics import WorkerMetrics
from worker.monitoring.shadow import CHUNK, ShadowEvaluator
from worker.stream.classify import classify_batch
from worker.types import BatchResult

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def classified(texts: list[str], of: ThresholdCascade, first: int = 0) -> BatchResult:
    """Return the result of a batch of tweets with these texts."""
    return classify_batch([record(tweet(n, text), offset=first + n) for n, text in enumerate(texts)], of, NOW)


def test_only_early_decisions_are_audited() -> None:
    """Tweets that the last stage decided are not drawn: it would agree with itself."""
    fast = FixedClassifier({"sure": 0.95, "wrong": 0.9, "unsure": 0.5})
    strong = FixedClassifier({"sure": 0.8, "wrong": 0.1, "unsure": 0.9})
    both, shadow = cascade(fast, strong), ShadowEvaluator(1)
    shadow.draw(classified(["sure", "wrong", "unsure"], both), "use")
    assert shadow.waiting == 2
    assert [(a.stage, a.agrees) for a in shadow.audit(both)] == [("baseline", True), ("baseline", False)]
    assert shadow.audit(both) == []


def test_shed_tweets_are_not_audited() -> None:
    """Shed tweets are not drawn: training promised nothing of tweets that no stage was sure of."""
    shadow, unsure = ShadowEvaluator(1), cascade(FixedClassifier(default=0.5))
    shedding = classify_batch([record(tweet(1))], unsure, NOW, Budget(0.0, {"use": Cost(0, 1)}))
    shadow.draw(shedding, "use")
    assert shedding.labels[0][1].shed
    assert shadow.waiting == 0


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_the_share_is_drawn(share: float) -> None:
    """The evaluator draws the requested share at random."""
    both, shadow = cascade(), ShadowEvaluator(share, seed=1)
    shadow.draw(classified(["a"] * 1000, both), "use")
    assert shadow.waiting == pytest.approx(1000 * share, abs=40)


def test_audits_are_bounded_in_time_and_memory() -> None:
    """One call audits at most a chunk of tweets, and at most a thousand wait."""
    strong = FixedClassifier()
    both, shadow = cascade(strong=strong), ShadowEvaluator(1)
    for n in range(3):
        shadow.draw(classified(["a"] * 1000, both, first=1000 * n), "use")
    assert (shadow.waiting, shadow.dropped) == (1000, 2000)
    assert len(shadow.audit(both)) == CHUNK
    assert len(strong.asked) == CHUNK


def test_labels_of_a_replaced_artifact_are_not_audited() -> None:
    """After a reload the waiting labels of the old artifact are skipped."""
    old, shadow = cascade(), ShadowEvaluator(1)
    shadow.draw(classified(["a"], old), "use")
    assert shadow.audit(ThresholdCascade(old.stages, "v2")) == []


def test_an_audit_that_fails_does_not_stop_the_stream() -> None:
    """An audit on which the last stage fails is skipped with a warning."""

    class Failing(FixedClassifier):
        def predict_proba(self, texts: object, /) -> np.ndarray:
            raise MemoryError("too large")

    both, shadow = cascade(strong=Failing()), ShadowEvaluator(1)
    shadow.draw(classified(["a"], both), "use")
    assert shadow.audit(both) == []


def test_metrics_show_drift_and_audits() -> None:
    """The metrics count audits by stage and agreement, and show the promised limit and the drift index."""
    registry, promised = CollectorRegistry(), policy()
    assert isinstance(promised, Policy)
    plain = cascade(FixedClassifier({"wrong": 0.9}), FixedClassifier({"wrong": 0.1}))
    both = ThresholdCascade(plain.stages, "v1", promised)
    metrics, shadow = WorkerMetrics(registry, both, {}), ShadowEvaluator(1)
    result = classified(["wrong"] * 1000, both)
    metrics.classified(result.stage_calls)
    shadow.draw(result, "use")
    metrics.audited(shadow.audit(both), shadow)
    value = registry.get_sample_value
    assert value("cascade_audits_total", {"stage": "baseline", "agrees": "no"}) == CHUNK
    assert value("cascade_audits_total", {"stage": "baseline", "agrees": "yes"}) == 0
    assert value("cascade_audits_waiting") == 1000 - CHUNK
    assert value("cascade_audit_disagreement_limit") == promised.overruled_high
    index = value("cascade_drift_index")
    assert index is not None
    assert index > 0.25, "a thousand equal probabilities are unlike those of training"

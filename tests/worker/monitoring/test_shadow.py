"""Shadow evaluation."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from schemas import Policy
from tests.artifacts import policy
from tests.helpers import FixedClassifier, cascade, record, tweet
from tests.worker.monitoring.stream_simulation import CASCADE, ENGLISH, SPANISH, Simulation
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget, Cost
from worker.cascade.stage import Stage
from worker.metrics import WorkerMetrics
from worker.monitoring.shadow import Audit, ShadowEvaluator
from worker.stream.classify import classify_batch
from worker.types import BatchResult

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def classified(
    texts: Sequence[str], of: ThresholdCascade, shadow: ShadowEvaluator, budget: Budget | None = None
) -> BatchResult:
    """Return the result of a batch of tweets with these texts, audited as the evaluator plans it."""
    shadow.adopt(of)
    records = [record(tweet(n, text), offset=n) for n, text in enumerate(texts)]
    return classify_batch(records, shadow.planned(of), NOW, budget)


def test_only_early_decisions_are_audits() -> None:
    """Tweets that the last stage decided do not count: it would agree with itself."""
    fast = FixedClassifier({"sure": 0.95, "wrong": 0.9, "unsure": 0.5})
    strong = FixedClassifier({"sure": 0.8, "wrong": 0.1, "unsure": 0.9})
    both, shadow = cascade(fast, strong), ShadowEvaluator(1)
    result = classified(["sure", "wrong", "unsure"], both, shadow)
    assert shadow.learn(result.audits) == [Audit("all", "baseline", True), Audit("all", "baseline", False)]


def test_shed_tweets_do_not_count() -> None:
    """Shed tweets are left out: training promised nothing of tweets that no stage was sure of."""
    shadow, unsure = ShadowEvaluator(1), cascade(FixedClassifier(default=0.5))
    result = classified(["a"], unsure, shadow, Budget(0.0, {"use": Cost(0, 1)}))
    assert result.labels[0][1].shed
    assert shadow.learn(result.audits) == []


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_the_share_is_drawn(share: float) -> None:
    """The evaluator draws the requested share at random, and asks the last stage about no other tweet."""
    strong = FixedClassifier()
    shadow = ShadowEvaluator(share, seed=1)
    audits = shadow.learn(classified(["a"] * 1000, cascade(strong=strong), shadow).audits)
    assert len(audits) == len(strong.asked) == pytest.approx(1000 * share, abs=40)


def test_audits_go_on_while_records_wait() -> None:
    """Under load a quarter of the share is audited: the cost is bounded, and evidence still comes."""
    strong, shadow = FixedClassifier(), ShadowEvaluator(0.4, seed=1)
    both = cascade(strong=strong)
    shadow.adopt(both)
    shadow.planned(both, busy=True).predict(["a"] * 1000)
    assert len(strong.asked) == pytest.approx(100, abs=40)


def test_a_single_stage_is_not_audited() -> None:
    """Where the only stage decides everything there is nothing to audit."""
    only = ThresholdCascade([Stage("only", FixedClassifier())], "v", policy())
    assert classified(["a"], only, ShadowEvaluator(1)).audits == []


def test_a_new_artifact_begins_at_zero() -> None:
    """A reload forgets the evidence and the widened bands: they were about other models."""
    stream = Simulation()
    stream.run(SPANISH, batches=20)
    assert stream.exceeded()
    stream.shadow.adopt(CASCADE)
    assert not stream.exceeded()
    assert set(stream.widths().values()) == {0}


def test_without_a_promise_there_are_audits_and_no_verdict() -> None:
    """An artifact without a policy is audited; nothing is widened, since nothing was promised."""
    shadow = ShadowEvaluator(1)
    wrong = cascade(FixedClassifier(default=0.9), FixedClassifier(default=0.1))
    for _ in range(3):
        assert len(shadow.learn(classified(["a"] * 1000, wrong, shadow).audits)) == 1000
    assert list(shadow.states()) == []


def test_moves_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log names the segment whose bands are widened, and those that hold."""
    with caplog.at_level(logging.INFO):
        Simulation().run(ENGLISH, SPANISH, batches=40)
    assert "overrules more in segment known_0_50 than the artifact promises: the last stage decides all" in caplog.text
    assert "segment known_0_50 keeps the artifact's promise with widened bands: baseline 0.5" in caplog.text


def test_metrics_show_drift_and_audits() -> None:
    """The metrics count audits by stage and agreement, and show the promised limit and the drift index."""
    registry, promised = CollectorRegistry(), policy()
    assert isinstance(promised, Policy)
    plain = cascade(FixedClassifier({"wrong": 0.9}), FixedClassifier({"wrong": 0.1}))
    both = ThresholdCascade(plain.stages, "v1", promised)
    metrics, shadow = WorkerMetrics(registry, both, {}), ShadowEvaluator(1)
    result = classified(["wrong"] * 1000, both, shadow)
    metrics.observe_drift(result.stage_calls)
    metrics.audited(result.audits, shadow.learn(result.audits), shadow)
    value, segment = registry.get_sample_value, {"segment": "all"}
    assert value("cascade_audits_total", {**segment, "stage": "baseline", "agrees": "no"}) == 1000
    assert value("cascade_audits_total", {**segment, "stage": "baseline", "agrees": "yes"}) == 0
    assert value("cascade_audit_disagreement_limit") == promised.overruled_high
    index = value("cascade_drift_index")
    assert index is not None
    assert index > 0.25, "a thousand equal probabilities are unlike those of training"


def test_metrics_show_the_segments() -> None:
    """The metrics show each segment's tweets, evidence and band widths; a reload sets them back."""
    registry, shadow = CollectorRegistry(), ShadowEvaluator(1)
    wrong = cascade(FixedClassifier(default=0.9), FixedClassifier(default=0.1))
    both = ThresholdCascade(wrong.stages, "v1", policy())
    metrics, value, segment = WorkerMetrics(registry, both, {}), registry.get_sample_value, {"segment": "all"}
    names = ("cascade_promise_exceeded", "cascade_segment_tweets_total")
    assert [value(name, segment) for name in names] == [0, 0]
    result = classified(["a"] * 1000, both, shadow)
    metrics.audited(result.audits, shadow.learn(result.audits), shadow)
    assert [value(name, segment) for name in names] == [1, 1000]
    assert value("cascade_band_width_ratio", {**segment, "stage": "baseline"}) == 1
    for promise in ("broken", "kept"):
        ratio = value("cascade_promise_evidence_ratio", {**segment, "promise": promise})
        assert ratio is not None
        assert 0 <= ratio <= 1
    metrics.adopt(both)
    assert value("cascade_promise_exceeded", segment) == 0
    assert value("cascade_band_width_ratio", {**segment, "stage": "baseline"}) == 0

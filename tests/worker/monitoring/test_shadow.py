"""What the shortcut costs."""

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
from worker.monitoring.shadow import AT_ONCE, Auditor
from worker.stream.classify import classify_batch
from worker.types import Outcome

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def outcome(texts: list[str], of: ThresholdCascade, first: int = 0) -> Outcome:
    """Return what becomes of tweets with these texts."""
    return classify_batch([record(tweet(n, text), offset=first + n) for n, text in enumerate(texts)], of, NOW)


def test_only_what_did_not_reach_the_last_stage_is_audited() -> None:
    """The last stage's own verdicts would agree with themselves, and hide what the others cost."""
    fast = FixedClassifier({"sure": 0.95, "wrong": 0.9, "unsure": 0.5})
    strong = FixedClassifier({"sure": 0.8, "wrong": 0.1, "unsure": 0.9})
    both, auditor = cascade(fast, strong), Auditor(1)
    auditor.saw(outcome(["sure", "wrong", "unsure"], both), "use")
    assert auditor.waiting == 2
    assert [(a.stage, a.agrees) for a in auditor.audit(both)] == [("baseline", True), ("baseline", False)]
    assert auditor.audit(both) == []


def test_what_was_shed_is_not_audited() -> None:
    """Nobody was sure of those tweets: they would make the shortcut look dearer than training promised."""
    auditor, unsure = Auditor(1), cascade(FixedClassifier(default=0.5))
    shedding = classify_batch([record(tweet(1))], unsure, NOW, Budget(0.0, {"use": Cost(0, 1)}))
    auditor.saw(shedding, "use")
    assert shedding.labels[0][1].shed
    assert auditor.waiting == 0


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_the_share_is_drawn(share: float) -> None:
    """As many as were asked for, at random."""
    both, auditor = cascade(), Auditor(share, seed=1)
    auditor.saw(outcome(["a"] * 1000, both), "use")
    assert auditor.waiting == pytest.approx(1000 * share, abs=40)


def test_little_is_done_at_once_and_little_is_kept() -> None:
    """An audit must neither hold up the next batch nor fill the memory."""
    strong = FixedClassifier()
    both, auditor = cascade(strong=strong), Auditor(1)
    for n in range(3):
        auditor.saw(outcome(["a"] * 1000, both, first=1000 * n), "use")
    assert (auditor.waiting, auditor.dropped) == (1000, 2000)
    assert len(auditor.audit(both)) == AT_ONCE
    assert len(strong.asked) == AT_ONCE


def test_what_another_artefact_said_is_not_held_against_this_one() -> None:
    """After a hot swap the tweets that wait are of the old one."""
    old, auditor = cascade(), Auditor(1)
    auditor.saw(outcome(["a"], old), "use")
    assert auditor.audit(ThresholdCascade(old.stages, "v2")) == []


def test_an_audit_that_fails_does_not_stop_the_stream() -> None:
    """A text on which the last stage fails was labelled long ago by another."""

    class Failing(FixedClassifier):
        def predict_proba(self, texts: object, /) -> np.ndarray:
            raise MemoryError("too large")

    both, auditor = cascade(strong=Failing()), Auditor(1)
    auditor.saw(outcome(["a"], both), "use")
    assert auditor.audit(both) == []


def test_metrics_tell_drift_and_audits() -> None:
    """What training promised, what was found, by stage."""
    registry, promised = CollectorRegistry(), policy()
    assert isinstance(promised, Policy)
    plain = cascade(FixedClassifier({"wrong": 0.9}), FixedClassifier({"wrong": 0.1}))
    both = ThresholdCascade(plain.stages, "v1", promised)
    metrics, auditor = WorkerMetrics(registry, both, {}), Auditor(1)
    measured = both.wrapped(metrics.timed)
    auditor.saw(outcome(["wrong"] * 1000, measured), "use")
    metrics.audited(auditor.audit(both), auditor)
    value = registry.get_sample_value
    assert value("cascade_audits_total", {"stage": "baseline", "agrees": "no"}) == AT_ONCE
    assert value("cascade_audits_total", {"stage": "baseline", "agrees": "yes"}) == 0
    assert value("cascade_audits_waiting") == 1000 - AT_ONCE
    assert value("cascade_audit_disagreement_limit") == promised.overruled_high
    index = value("cascade_drift_index")
    assert index is not None
    assert index > 0.25, "a thousand tweets that all have one probability are no sample of those"

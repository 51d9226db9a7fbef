"""Audits within a batch."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import FixedClassifier, audit_plan, cascade
from worker.cascade.audit import AuditPlan
from worker.cascade.cascade import CascadeOutput, ThresholdCascade
from worker.cascade.ladder import Ladder
from worker.cascade.shedding import Budget, Cost
from worker.errors import StageError
from worker.types import AuditedBatch, Floats, Ints


class Reader(FixedClassifier):
    """A classifier that knows half of the words of every text that begins with a letter before n, else all."""

    def predict_known(self, texts: Sequence[str], /) -> tuple[Floats, Floats]:
        """Look the texts up."""
        return self.predict_proba(texts), np.array([0.4 if text < "n" else 1.0 for text in texts])


def audits(output: CascadeOutput) -> AuditedBatch:
    """Return the audits of an output that has some."""
    assert output.audits
    return output.audits


@given(st.lists(st.floats(0, 1), max_size=30), st.floats(0, 1), st.one_of(st.none(), st.floats(0, 20)))
def test_an_audit_changes_no_label(p: list[float], share: float, seconds: float | None) -> None:
    """Audited or not, a tweet gets the same label; under a budget audits only add to what is shed."""
    texts = [str(n) for n in range(len(p))]
    both = cascade(FixedClassifier(dict(zip(texts, p, strict=True))), FixedClassifier(default=0.1))
    plain = both.predict(texts).predictions
    assert both.audited(audit_plan(both, share)).predict(texts).predictions == plain
    budget = None if seconds is None else Budget(seconds, {"use": Cost(0, 1)})
    for before, now in zip(
        both.predict(texts, budget).predictions,
        both.audited(audit_plan(both, share)).predict(texts, budget).predictions,
        strict=True,
    ):
        assert now == before or (now.shed and not before.shed and before.stage == "use")


def test_every_stage_is_asked_about_an_audited_text() -> None:
    """An audit has the probabilities of all stages, that of the stage that decided among them."""
    both = cascade(FixedClassifier({"sure": 0.95, "unsure": 0.5}), FixedClassifier({"sure": 0.2, "unsure": 0.9}))
    found = audits(both.audited(audit_plan(both, 1)).predict(["sure", "unsure"]))
    assert found.probabilities.tolist() == [[0.95, 0.2], [0.5, 0.9]]
    assert found.decided_by.tolist() == [0, 1]
    assert found.tweets.tolist() == [2]


def test_overload_does_not_stop_audits() -> None:
    """Without any time for deferrals the audits go on: the last stage is asked about the drawn share, and no more."""
    strong = FixedClassifier()
    both = cascade(FixedClassifier(default=0.5), strong)
    output = both.audited(audit_plan(both, 0.1)).predict([str(n) for n in range(1000)], Budget(0, {"use": Cost(0, 1)}))
    assert all(p.shed for p in output.predictions)
    assert len(strong.asked) == len(audits(output).segments) == pytest.approx(100, abs=40)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_the_cost_is_bounded_and_small_segments_get_evidence(share: float) -> None:
    """Audits take the share that was asked for, and a segment of a hundredth of the tweets gets far more than that."""
    recent, none = np.array([100.0, 900.0, 9_000.0]), np.empty(0, dtype=np.intp)
    rates = AuditPlan(share, recent, np.zeros(3, dtype=np.intp), Ladder(()), 0).rates(none)
    assert rates @ recent / recent.sum() <= share * (1 + 1e-9)
    assert rates[0] == pytest.approx(min(1, 17.17 * share), rel=1e-3)
    assert (rates >= share / 2).all()


@given(st.lists(st.integers(0, 2), max_size=3000), st.floats(0, 1))
def test_a_segment_that_appears_at_once_does_not_blow_the_budget(segments: list[int], share: float) -> None:
    """The tweets of a batch count at once, so that a stream that turns costs at most the share and a few tweets."""
    numbers: Ints = np.array(segments, dtype=np.intp)
    rates = AuditPlan(share, np.array([0.0, 0.0, 10_000.0]), np.zeros(3, dtype=np.intp), Ladder(()), 0).rates(numbers)
    expected = rates[numbers].sum()
    assert expected <= share * (len(numbers) + 2 / 3 * 10_000) + 1e-9
    assert (rates <= 1).all()


def test_the_level_of_its_segment_decides_what_is_deferred() -> None:
    """In a segment at the top all tweets reach the last stage, without a mark; the other segments are as trained."""
    both = cascade(Reader(default=0.95), FixedClassifier(default=0.1))
    output = both.audited(audit_plan(both, 0, [both_top(both), 0, 0])).predict(["a", "b", "x"])
    assert [(p.stage, p.target, p.shed) for p in output.predictions] == [
        ("use", 0, False), ("use", 0, False), ("baseline", 1, False),
    ]  # fmt: skip
    assert audits(output).tweets.tolist() == [2, 0, 1]
    assert audits(output).segments.tolist() == [0, 0], "where the last stage decides all, all are evidence"


def both_top(of: ThresholdCascade) -> int:
    """Return the highest level."""
    return Ladder(of.stages).top


def test_what_is_left_after_shedding_is_no_evidence() -> None:
    """Where overload sheds, those that reach the last stage are not a random choice, and only drawn ones count."""
    both = cascade(Reader(default=0.95))
    widened = both.audited(audit_plan(both, 0, [both_top(both), 0, 0]))
    output = widened.predict(["a", "b", "c"], Budget(2, {"use": Cost(0, 1)}))
    assert [(p.stage, p.shed) for p in output.predictions] == [("use", False), ("use", False), ("baseline", True)]
    assert audits(output).segments.size == 0


def test_a_first_stage_that_cannot_say_has_one_segment() -> None:
    """Without `KnowsWords` all tweets are in one segment, and nothing else changes."""
    assert cascade().segments == ("all",)
    assert cascade(Reader()).segments == ("known_0_50", "known_50_70", "known_70_100")


class Fragile(FixedClassifier):
    """A classifier that fails on the text "poison"."""

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Fail, or look the texts up."""
        if "poison" in texts:
            raise MemoryError("too large")
        return super().predict_proba(texts)


def test_an_audit_that_fails_costs_no_label() -> None:
    """Where the last stage fails on an audited text, the audits of the batch are dropped and every label stays."""
    both = cascade(FixedClassifier({"unsure": 0.5}), Fragile())
    output = both.audited(audit_plan(both, 1)).predict(["poison", "unsure"])
    assert [p.stage for p in output.predictions] == ["baseline", "use"]
    assert audits(output).segments.size == 0
    with pytest.raises(StageError, match="too large"):
        cascade(FixedClassifier(default=0.5), Fragile()).predict(["poison"])

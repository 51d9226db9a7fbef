"""Isolation of poison records: who is asked how often, and what is counted."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import FixedClassifier, audit_plan, cascade
from worker.cascade.stage import Stage
from worker.errors import ClassifierError, StageError
from worker.stream.poison import answer_each, predict_each
from worker.types import Floats, StageCall


class Poisoned(FixedClassifier):
    """A classifier that fails on a batch in which a text begins with the word."""

    def __init__(self, word: str, default: float = 0.9) -> None:
        super().__init__(default=default)
        self.word = word

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Fail, or look the texts up."""
        if any(text.startswith(self.word) for text in texts):
            raise ValueError(f"cannot read {self.word}")
        return super().predict_proba(texts)


def texts_of(poison: Sequence[bool]) -> list[str]:
    """Return a text for each flag."""
    return [f"{'poison' if bad else 'fine'} {n}" for n, bad in enumerate(poison)]


def entered(calls: Sequence[StageCall]) -> Counter[str]:
    """Return how many texts entered each stage, by the calls."""
    found: Counter[str] = Counter()
    for call in calls:
        found[call.stage] += call.tweets
    return found


flags = st.lists(st.booleans(), min_size=1, max_size=40)


@given(flags)
def test_only_the_stage_that_fails_is_asked_again(poison: list[bool]) -> None:
    """What the first stage said stays: a poison text of the second one is not classified again by the first."""
    fast, texts = FixedClassifier(default=0.5), texts_of(poison)
    output = predict_each(cascade(fast, Poisoned("poison")), texts)
    assert fast.asked == texts
    assert [i for i, _ in enumerate(texts) if i in output.failures] == np.flatnonzero(poison).tolist()


@given(flags)
def test_each_text_enters_each_stage_once(poison: list[bool]) -> None:
    """The stage calls count each text once, whatever was tried to find the poison ones; those that failed apart."""
    texts = texts_of(poison)
    calls = predict_each(cascade(FixedClassifier(default=0.5), Poisoned("poison")), texts).calls
    assert entered(calls) == Counter({"baseline": len(texts), "use": len(texts)})
    failed = [call for call in calls if call.probabilities is None]
    assert sum(call.tweets for call in failed) == sum(poison)
    assert all(call.seconds > 0 for call in failed)


def test_a_text_poisonous_to_the_first_stage_reaches_no_other() -> None:
    """A text on which the first stage fails is not shown to the next one."""
    strong = FixedClassifier()
    output = predict_each(cascade(Poisoned("poison", 0.5), strong), ["fine", "poison", "good"])
    assert strong.asked == ["fine", "good"]
    assert [type(outcome).__name__ for outcome in output.outcomes()] == ["Prediction", "ValueError", "Prediction"]


def test_a_broken_stage_ends_the_worker_though_others_decide() -> None:
    """A later stage that fails on a known-good text does not turn what is deferred to it into dead letters."""
    fast = FixedClassifier({"unsure": 0.5})
    with pytest.raises(ClassifierError, match="stage use .* even on a known-good text"):
        predict_each(cascade(fast, Poisoned("")), ["sure", "unsure", "sure"])


def test_a_broken_stage_is_not_asked_for_each_text() -> None:
    """A model that fails on everything is found out after two calls, not after one for each text of the batch."""
    calls = []

    class Broken(FixedClassifier):
        def predict_proba(self, texts: Sequence[str], /) -> Floats:
            calls.append(len(texts))
            raise ValueError("broken")

    with pytest.raises(StageError):
        answer_each(Stage("s", Broken()), ["a"] * 1000)
    assert calls == [1000, 1]


def test_a_poison_text_of_an_audit_costs_that_audit_alone() -> None:
    """A later stage that fails on an audited text leaves the tweet its label, and the other tweets their audits."""
    both = cascade(FixedClassifier({"unsure": 0.5}), Poisoned("poison"))
    output = predict_each(both.audited(audit_plan(both, 1)), ["poison", "unsure", "sure"])
    assert [p.stage for p in output.predictions] == ["baseline", "use", "baseline"]
    assert not output.failures
    assert output.audits is not None
    assert output.audits.tweets.tolist() == [3]
    assert output.audits.decided_by.tolist() == [1, 0]

"""Classification of a batch."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Reason
from tests.helpers import FixedClassifier, cascade, record, tweet
from worker.errors import ClassifierError
from worker.stream.classify import classify_batch
from worker.types import Floats

NOW = datetime(2026, 1, 2, tzinfo=UTC)
values = st.one_of(st.none(), st.binary(), st.text(min_size=1).map(lambda text: tweet(1, text)))


@given(st.lists(values))
def test_every_record_comes_out_once(batch: list[bytes | None]) -> None:
    """Each record becomes exactly one label or dead letter or is skipped, whatever the batch holds."""
    records = [record(value, offset=n) for n, value in enumerate(batch)]
    result = classify_batch(records, cascade(), NOW)
    out = [r.offset for r, _ in (*result.labels, *result.dead_letters, *result.skipped)]
    assert sorted(out) == list(range(len(batch)))


def test_labels_say_who_decided_what_and_when() -> None:
    """A label names its stage, model and times, and has no `received_at` where the record has no timestamp."""
    fast, strong = FixedClassifier({"sure": 0.95, "unsure": 0.6}), FixedClassifier({"unsure": 0.2})
    records = [record(tweet("a", "sure")), record(tweet(2, "unsure"), timestamp=-1)]
    (_, first), (_, second) = classify_batch(records, cascade(fast, strong), NOW).labels
    assert msgspec.to_builtins(first) == {
        "id": "a", "label": "disaster", "target": 1, "probability": 0.95, "stage": "baseline", "shed": False,
        "model_version": "v1",
        "received_at": "2023-11-14T22:13:20Z", "labelled_at": "2026-01-02T00:00:00Z",
    }  # fmt: skip
    assert (second.id, second.label, second.target, second.stage) == (2, "not_disaster", 0, "use")
    assert second.received_at is None


def test_a_timestamp_beyond_the_calendar_is_no_time() -> None:
    """A timestamp in nanoseconds, which no calendar reaches, does not stop the stream."""
    (_, label), *_ = classify_batch([record(timestamp=1_700_000_000_000_000_000)], cascade(), NOW).labels
    assert label.received_at is None


class Fragile(FixedClassifier):
    """Fails on a batch in which a text contains the word."""

    def __init__(self, word: str, error: Exception) -> None:
        super().__init__()
        self.word, self.error = word, error

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Fail, or look the texts up."""
        if any(self.word in text for text in texts):
            raise self.error
        return super().predict_proba(texts)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_only_the_poison_text_is_dead_lettered(poison: list[bool]) -> None:
    """A text on which the classifier fails costs no other tweet its label."""
    records = [record(tweet(n, "poison" if bad else "fine"), offset=n) for n, bad in enumerate(poison)]
    result = classify_batch(records, cascade(Fragile("poison", ValueError("cannot"))), NOW)
    assert [label.id for _, label in result.labels] == [n for n, bad in enumerate(poison) if not bad]
    assert [letter.offset for _, letter in result.dead_letters] == [n for n, bad in enumerate(poison) if bad]
    assert {letter.reason for _, letter in result.dead_letters} <= {Reason.CLASSIFIER_FAILURE}


@pytest.mark.parametrize(("word", "error"), [("", ValueError("broken")), ("poison", MemoryError())])
def test_a_broken_model_does_not_empty_the_topic(word: str, error: Exception) -> None:
    """A model that fails on any text, or runs out of memory, ends the worker with nothing committed."""
    batch = [record(tweet(1, "poison")), record(tweet(2, "fine"))]
    with pytest.raises(ClassifierError, match=f"artifact v1 (fails|ran out).*{type(error).__name__}"):
        classify_batch(batch, cascade(Fragile(word, error)), NOW)


class Unbounded(FixedClassifier):
    """Returns a probability that is not a number for some texts."""

    def __init__(self, bad: Callable[[str], bool], value: float) -> None:
        super().__init__()
        self.bad, self.value = bad, value

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Look the texts up, but for the bad ones."""
        p = super().predict_proba(texts)
        p[[self.bad(text) for text in texts]] = self.value
        return p


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_text_without_a_finite_probability_is_dead_lettered(value: float) -> None:
    """A text for which a model returns NaN or infinity gets no label, and costs no other text its label."""
    records = [record(tweet(n, text), offset=n) for n, text in enumerate(["fine", "poison", "fine"])]
    result = classify_batch(records, cascade(Unbounded(lambda text: text == "poison", value)), NOW)
    assert [label.id for _, label in result.labels] == [0, 2]
    [(_, letter)] = result.dead_letters
    assert (letter.offset, letter.reason) == (1, Reason.CLASSIFIER_FAILURE)
    assert "NaN or infinite" in letter.error


def test_a_model_that_returns_only_nan_ends_the_worker() -> None:
    """A model without a finite probability even for a known-good text stops the worker with nothing committed."""
    with pytest.raises(ClassifierError, match="known-good text.*NaN or infinite"):
        classify_batch([record()], cascade(Unbounded(lambda _text: True, math.nan)), NOW)

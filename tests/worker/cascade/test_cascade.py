"""The cascade's deferral rule."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Band, Blend
from tests.helpers import FixedClassifier, audit_plan, cascade
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage, StageProgress
from worker.errors import StageError
from worker.stream.poison import predict_each
from worker.types import Bools, Floats

shares = st.floats(0, 1)
bands = st.tuples(shares, shares).map(lambda ends: Band(low=min(ends), high=max(ends)))


@given(st.lists(st.tuples(shares, shares, shares)), bands, bands)
def test_the_first_stage_that_is_sure_enough_decides(
    probabilities: list[tuple[float, float, float]], first: Band, second: Band
) -> None:
    """The first stage whose probability lies outside its band decides, for each text, in order."""
    texts = [str(i) for i in range(len(probabilities))]
    by_stage = [dict(zip(texts, column, strict=True)) for column in zip(*probabilities, strict=True)] or [{}, {}, {}]
    stages = [
        Stage(str(n), FixedClassifier(p), band)
        for n, (p, band) in enumerate(zip(by_stage, (first, second, None), strict=True))
    ]
    for text, p in zip(texts, ThresholdCascade(stages, "v").predict(texts).predictions, strict=True):
        in_band = [first.low < by_stage[0][text] < first.high, second.low < by_stage[1][text] < second.high, False]
        assert p.stage == str(in_band.index(False))
        assert p.probability == by_stage[int(p.stage)][text]
        assert p.target == (p.probability >= 0.5)


def test_a_stage_sees_only_what_is_deferred_to_it() -> None:
    """A stage is asked only about the texts deferred to it."""
    fast, strong = FixedClassifier({"a": 0.95, "b": 0.6, "c": 0.05}), FixedClassifier()
    cascade(fast, strong).predict(["a", "b", "c"])
    assert (fast.asked, strong.asked) == (["a", "b", "c"], ["b"])


def test_a_stage_without_work_is_not_called() -> None:
    """A stage without texts is not called."""
    strong = FixedClassifier()
    assert cascade(strong=strong).predict([]) == ([], [], None, {})
    cascade(FixedClassifier(default=1.0), strong).predict(["a"])
    assert strong.asked == []


def test_a_stage_weighs_what_the_earlier_ones_said() -> None:
    """A blend uses each text's own earlier probabilities, even when other texts were decided before."""
    fast = FixedClassifier({"sure": 0.99, "low": 0.4, "high": 0.6})
    only_the_first = Blend(weights=[1, 0], bias=0)
    strong = Stage("strong", FixedClassifier(default=0.9), blend=only_the_first)
    both = ThresholdCascade([Stage("fast", fast, Band(low=0.3, high=0.7)), strong], "v")
    told = both.predict(["sure", "low", "high"]).predictions
    assert [p.stage for p in told] == ["fast", "strong", "strong"]
    assert [p.probability for p in told] == pytest.approx([0.99, 0.4, 0.6])
    assert [p.target for p in told] == [1, 0, 1]


def test_a_blend_comes_before_the_band() -> None:
    """The band applies to the blended probability, the one that the label carries."""
    doubting = Blend(weights=[0.01], bias=0)
    stages = [Stage("fast", FixedClassifier(default=0.99), Band(low=0.4, high=0.6), doubting)]
    [told] = ThresholdCascade([*stages, Stage("strong", FixedClassifier())], "v").predict(["a"]).predictions
    assert told.stage == "strong"


def test_stage_calls_are_returned() -> None:
    """Each stage call comes back with its stage, its size and its probabilities, in order."""
    calls = cascade(FixedClassifier({"a": 0.95, "b": 0.6})).predict(["a", "b"]).calls
    assert [(c.stage, c.tweets, None if c.probabilities is None else c.probabilities.tolist()) for c in calls] == [
        ("baseline", 2, [0.95, 0.6]),
        ("use", 1, [0.9]),
    ]
    assert all(call.seconds >= 0 for call in calls)


def test_progress_names_the_stage_at_work() -> None:
    """While a stage classifies, the progress gives the number of its tweets; afterwards none."""
    progress, seen = StageProgress(), list[int]()

    class Watched(FixedClassifier):
        def predict_proba(self, texts: Sequence[str], /) -> Floats:
            seen.append(progress.tweets_at("use"))
            return super().predict_proba(texts)

    cascade(FixedClassifier(default=0.5), Watched()).predict(["a", "b"], progress=progress)
    assert (seen, progress.tweets_at("use")) == ([2], 0)


def test_probabilities_of_another_shape_are_refused() -> None:
    """A classifier that returns the wrong number of rows or classes fails as a stage, instead of mislabelling texts."""

    class OneClass(FixedClassifier):
        def predict_proba(self, texts: Sequence[str], /) -> Floats:
            return super().predict_proba(texts)[:, 1:]

    with pytest.raises(StageError, match=r"stage 'baseline' failed.*shape \(2, 1\), not \(2, 2\)"):
        cascade(OneClass()).predict(["a", "b"])


CLASSIFIER = FixedClassifier()


@pytest.mark.parametrize(
    "stages",
    [
        [],
        [Stage("s", CLASSIFIER, Band(low=0.4, high=0.6))],
        [Stage("s", CLASSIFIER, blend=Blend(weights=[1, 1], bias=0))],
    ],
)
def test_a_cascade_that_could_not_decide_is_refused(stages: list[Stage]) -> None:
    """A cascade without a deciding last stage, or with a blend of the wrong size, is refused."""
    with pytest.raises(ValueError, match="cascade"):
        ThresholdCascade(stages, "v")


class EnglishOnly(FixedClassifier):
    """A classifier that cannot read texts that are not ASCII."""

    def predict_readable(self, texts: Sequence[str], /) -> tuple[Floats, Bools]:
        """Look the texts up, and say which are ASCII."""
        return self.predict_proba(texts), np.array([text.isascii() for text in texts], dtype=np.bool_)


def reading(band: Band | None, blended: Blend | None) -> ThresholdCascade:
    """Return a cascade whose second stage reads only English; it says 0.9, the first one 0.4."""
    last = [] if band is None else [Stage("last", FixedClassifier(default=0.2))]
    first = Stage("first", FixedClassifier(default=0.4), Band(low=0.3, high=0.7))
    return ThresholdCascade([first, Stage("second", EnglishOnly(default=0.9), band, blended), *last], "v1")


LEAVES_OUT = Blend(weights=[0, 1], bias=0, without={1: Blend(weights=[1, 0], bias=0)})


def test_a_stage_that_cannot_read_a_text_keeps_what_the_earlier_ones_said() -> None:
    """The blend leaves its classifier out; other texts are decided with it."""
    output = reading(None, LEAVES_OUT).predict(["flood", "\u6d2a\u6c34"])
    assert [(p.target, round(p.probability, 3), p.stage) for p in output.predictions] == [
        (1, 0.9, "second"), (0, 0.4, "second"),
    ]  # fmt: skip
    assert output.calls[1].probabilities == pytest.approx([0.9, np.nan], nan_ok=True)


def test_a_text_that_a_stage_cannot_read_is_deferred_in_its_band() -> None:
    """The next stage decides it, as any other of which a stage is unsure."""
    output = reading(Band(low=0.3, high=0.7), LEAVES_OUT).predict(["flood", "\u6d2a\u6c34"])
    assert [(p.target, p.stage) for p in output.predictions] == [(1, "second"), (0, "last")]


@pytest.mark.parametrize("blended", [None, Blend(weights=[0, 1], bias=0)])
def test_a_stage_that_cannot_be_left_out_answers_for_every_text(blended: Blend | None) -> None:
    """A single model has nothing to fall back to: its guess counts."""
    output = reading(None, blended).predict(["\u6d2a\u6c34"])
    assert [round(p.probability, 3) for p in output.predictions] == [0.9]


def test_probabilities_that_are_not_finite_are_refused_where_a_text_can_be_read() -> None:
    """Left out is what the classifier says it cannot read, not what it computes wrongly."""
    broken = reading(None, LEAVES_OUT)
    classifier = broken.stages[1].classifier
    assert isinstance(classifier, EnglishOnly)
    classifier.default = float("nan")
    with pytest.raises(StageError, match="NaN"):
        broken.predict(["flood"])


def test_a_text_on_which_a_stage_fails_is_not_evidence() -> None:
    """A failure is not taken for a text that cannot be read: the audits leave it out."""
    cascade = reading(None, LEAVES_OUT)

    classifier = cascade.stages[1].classifier
    assert isinstance(classifier, EnglishOnly)
    answer = classifier.predict_readable

    def fail(texts: Sequence[str], /) -> tuple[Floats, Bools]:
        if "poison" in texts:
            raise ValueError("poison")
        return answer(texts)

    classifier.predict_readable = fail  # type: ignore[method-assign]
    top = audit_plan(cascade, 1.0, [4])
    output = predict_each(cascade.audited(top), ["poison", "flood", "\u6d2a\u6c34"])
    assert [*output.failures] == [0]
    assert output.audits is not None
    assert output.audits.probabilities.round(3).tolist() == [[0.4, 0.9], [0.4, 0.4]]

"""Who decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Band, Blend
from tests.helpers import FixedClassifier, cascade
from worker.cascade.cascade import Stage, ThresholdCascade

shares = st.floats(0, 1)
bands = st.tuples(shares, shares).map(lambda ends: Band(low=min(ends), high=max(ends)))


@given(st.lists(st.tuples(shares, shares, shares)), bands, bands)
def test_the_first_stage_that_is_sure_enough_decides(
    probabilities: list[tuple[float, float, float]], first: Band, second: Band
) -> None:
    """The rule of the cascade, for any number of texts, in their order."""
    texts = [str(i) for i in range(len(probabilities))]
    by_stage = [dict(zip(texts, column, strict=True)) for column in zip(*probabilities, strict=True)] or [{}, {}, {}]
    stages = [
        Stage(str(n), FixedClassifier(p), band)
        for n, (p, band) in enumerate(zip(by_stage, (first, second, None), strict=True))
    ]
    for text, p in zip(texts, ThresholdCascade(stages, "v").predict(texts), strict=True):
        in_band = [first.low < by_stage[0][text] < first.high, second.low < by_stage[1][text] < second.high, False]
        assert p.stage == str(in_band.index(False))
        assert p.probability == by_stage[int(p.stage)][text]
        assert p.target == (p.probability >= 0.5)


def test_a_stage_sees_only_what_is_deferred_to_it() -> None:
    """The strong stage costs a hundred times the fast one's time: it must not be asked in vain."""
    fast, strong = FixedClassifier({"a": 0.95, "b": 0.6, "c": 0.05}), FixedClassifier()
    cascade(fast, strong).predict(["a", "b", "c"])
    assert (fast.asked, strong.asked) == (["a", "b", "c"], ["b"])


def test_a_stage_without_work_is_not_called() -> None:
    """An empty batch starts no model."""
    strong = FixedClassifier()
    assert cascade(strong=strong).predict([]) == []
    cascade(FixedClassifier(default=1.0), strong).predict(["a"])
    assert strong.asked == []


def test_a_stage_weighs_what_the_earlier_ones_said() -> None:
    """Each text's own earlier probabilities go into the blend, also when others were decided before it."""
    fast = FixedClassifier({"sure": 0.99, "low": 0.4, "high": 0.6})
    only_the_first = Blend(weights=[(1, 1), (0, 0)], bias=0)
    strong = Stage("strong", FixedClassifier(default=0.9), blend=only_the_first)
    told = ThresholdCascade([Stage("fast", fast, Band(low=0.3, high=0.7)), strong], "v").predict(
        ["sure", "low", "high"]
    )
    assert [p.stage for p in told] == ["fast", "strong", "strong"]
    assert [p.probability for p in told] == pytest.approx([0.99, 0.4, 0.6])
    assert [p.target for p in told] == [1, 0, 1]


def test_a_blend_comes_before_the_band() -> None:
    """The band is about calibrated probabilities, those that labels carry."""
    doubting = Blend(weights=[(0.01, 0.01)], bias=0)
    stages = [Stage("fast", FixedClassifier(default=0.99), Band(low=0.4, high=0.6), doubting)]
    [told] = ThresholdCascade([*stages, Stage("strong", FixedClassifier())], "v").predict(["a"])
    assert told.stage == "strong"


CLASSIFIER = FixedClassifier()


@pytest.mark.parametrize(
    "stages",
    [
        [],
        [Stage("s", CLASSIFIER, Band(low=0.4, high=0.6))],
        [Stage("s", CLASSIFIER, blend=Blend(weights=[(1, 1), (1, 1)], bias=0))],
    ],
)
def test_a_cascade_that_could_not_decide_is_refused(stages: list[Stage]) -> None:
    """Every tweet gets a label, and a blend has what it blends."""
    with pytest.raises(ValueError, match="cascade"):
        ThresholdCascade(stages, "v")

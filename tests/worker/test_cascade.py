"""Who decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import FixedClassifier, cascade
from worker.cascade import Stage, ThresholdCascade

shares = st.floats(0, 1)


@given(st.lists(st.tuples(shares, shares, shares)), shares, shares)
def test_the_first_stage_that_is_sure_enough_decides(
    probabilities: list[tuple[float, float, float]], first: float, second: float
) -> None:
    """The rule of the cascade, for any number of texts, in their order."""
    texts = [str(i) for i in range(len(probabilities))]
    by_stage = [dict(zip(texts, column, strict=True)) for column in zip(*probabilities, strict=True)] or [{}, {}, {}]
    stages = [
        Stage(str(n), FixedClassifier(p), t)
        for n, (p, t) in enumerate(zip(by_stage, (first, second, 0.0), strict=True))
    ]
    for text, p in zip(texts, ThresholdCascade(stages, "v").predict(texts), strict=True):
        sure = [max(by_stage[n][text], 1 - by_stage[n][text]) >= stages[n].threshold for n in range(3)]
        assert p.stage == str(sure.index(True))
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


@pytest.mark.parametrize("thresholds", [[], [0.5], [1.5, 0.0], [-0.1, 0.0], [0.7, 0.2]])
def test_a_cascade_that_would_leave_texts_undecided_is_refused(thresholds: list[float]) -> None:
    """Every tweet gets a label."""
    with pytest.raises(ValueError, match="cascade|threshold"):
        ThresholdCascade([Stage("s", FixedClassifier(), t) for t in thresholds], "v")

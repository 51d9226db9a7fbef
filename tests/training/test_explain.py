"""Why a cascade says what it says."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from schemas import Band, Blend
from tests.helpers import FixedClassifier
from training.explain import explain, moved
from worker.cascade.cascade import Stage, ThresholdCascade
from worker.types import Floats

WEIGHTS = {"fire": 2.0, "mixtape": -3.0, "near": 0.5}


class Additive:
    """Adds up the weights of words, as a linear model does."""

    classes_: NDArray[Any] = np.array([0, 1])

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return the sigmoid of the sum."""
        z = np.array([sum(WEIGHTS.get(word, 0.0) for word in text.split()) for text in texts])
        p = 1 / (1 + np.exp(-z))
        return np.column_stack([1 - p, p])


@given(st.lists(st.sampled_from([*WEIGHTS, "the", "of"]), min_size=2, max_size=4))
def test_of_a_linear_model_it_shows_the_weights(words: list[str]) -> None:
    """What is known to be true of a model is what is shown of it."""
    shown = moved(Additive(), " ".join(words))
    assert [m.word for m in shown] == words
    for m in shown:
        assert m.by == pytest.approx(WEIGHTS.get(m.word, 0.0), abs=1e-3)


@pytest.mark.parametrize("text", ["", "fire", " "])
def test_a_single_word_is_not_left_out(text: str) -> None:
    """Of a text without words there is nothing to compare with."""
    assert moved(Additive(), text) == []


def test_it_tells_what_the_cascade_does() -> None:
    """Who is asked, who decides, and with which probability: the same as predict."""
    blend = Blend(weights=[(0.5, 0.5), (1.0, 1.0)], bias=0.1)
    stages = [
        Stage("fast", Additive(), Band(low=0.2, high=0.9)),
        Stage("middle", FixedClassifier(default=0.7), Band(low=0.2, high=0.3), blend),
        Stage("last", FixedClassifier(default=0.4)),
    ]
    cascade = ThresholdCascade(stages, "v")
    for text in ("fire near the town", "my mixtape fire", "mixtape mixtape"):
        told, [predicted] = explain(cascade, text), cascade.predict([text]).predictions
        [decider] = [one for one in told if one.decides]
        assert (decider.stage.name, decider.blended) == (predicted.stage, predicted.probability)
        asked = [one.reached for one in told]
        assert asked == sorted(asked, reverse=True)
        assert sum(asked) == told.index(decider) + 1


def test_a_long_text_is_explained_in_bounded_time() -> None:
    """Sixty words are left out in turn, however many there are."""
    counting = FixedClassifier()
    assert len(moved(counting, "word " * 5000)) == 60
    assert len(counting.asked) == 61

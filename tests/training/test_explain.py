"""Explanations of predictions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from schemas import Band, Blend
from tests.helpers import FixedClassifier
from training.explain import explain, word_weights
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage
from worker.types import Floats

WEIGHTS = {"fire": 2.0, "mixtape": -3.0, "near": 0.5}


class Additive:
    """A linear model: adds up the weights of the words."""

    classes_: NDArray[Any] = np.array([0, 1])

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return the sigmoid of the sum, shape (n, 2)."""
        z = np.array([sum(WEIGHTS.get(word, 0.0) for word in text.split()) for text in texts])
        p = 1 / (1 + np.exp(-z))
        return np.column_stack([1 - p, p])


@given(st.lists(st.sampled_from([*WEIGHTS, "the", "of"]), min_size=2, max_size=4))
def test_the_weights_of_a_linear_model_are_found(words: list[str]) -> None:
    """The explanation of a linear model is its true weights."""
    shown = word_weights(Additive(), " ".join(words))
    assert [m.word for m in shown] == words
    for m in shown:
        assert m.weight == pytest.approx(WEIGHTS.get(m.word, 0.0), abs=1e-3)


@pytest.mark.parametrize("text", ["", "fire", " "])
def test_a_single_word_has_no_weight(text: str) -> None:
    """A text of fewer than two words has no explanation: nothing would be left to compare with."""
    assert word_weights(Additive(), text) == []


def test_the_explanation_matches_the_cascade() -> None:
    """The stages reached, the deciding stage and its probability are those of predict."""
    blend = Blend(weights=[0.5, 1.0], bias=0.1)
    stages = [
        Stage("fast", Additive(), Band(low=0.2, high=0.9)),
        Stage("middle", FixedClassifier(default=0.7), Band(low=0.2, high=0.3), blend),
        Stage("last", FixedClassifier(default=0.4)),
    ]
    cascade = ThresholdCascade(stages, "v")
    for text in ("fire near the town", "my mixtape fire", "mixtape mixtape"):
        explanations, [predicted] = explain(cascade, text), cascade.predict([text]).predictions
        [decider] = [one for one in explanations if one.decides]
        assert (decider.stage.name, decider.blended) == (predicted.stage, predicted.probability)
        asked = [one.reached for one in explanations]
        assert asked == sorted(asked, reverse=True)
        assert sum(asked) == explanations.index(decider) + 1


def test_a_long_text_is_explained_in_bounded_time() -> None:
    """At most sixty words are left out in turn, however long the text."""
    counting = FixedClassifier()
    assert len(word_weights(counting, "word " * 5000)) == 60
    assert len(counting.asked) == 61

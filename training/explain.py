"""Explain the prediction of a cascade for one text: the weight of each word at each stage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worker.cascade.calibration import log_odds
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage
from worker.types import Classifier, Floats

_MOST = 60  # words that are left out in turn; bounds the time of a long text


@dataclass(frozen=True)
class WordWeight:
    """A word and its weight for a classifier."""

    word: str
    weight: float
    """Log-odds of a disaster with the word minus those without it: above 0 the word is evidence for a disaster."""


@dataclass(frozen=True)
class StageExplanation:
    """Prediction of one stage for the text, and the weights of the words."""

    stage: Stage
    classifier: float
    """P(disaster) by the stage's classifier alone; NaN where it cannot read the text and is left out."""
    blended: float
    """P(disaster) by the stage, which combines its classifier with the earlier ones."""
    reached: bool
    """Whether the earlier stages defer the text to this one."""
    decides: bool
    words: list[WordWeight]
    """In the order of the text."""


def explain(cascade: ThresholdCascade, text: str) -> list[StageExplanation]:
    """Explain the prediction of every stage, including those that the text does not reach."""
    p = np.array([[stage.probabilities([text])[0] for stage in cascade.stages]])
    blended = [float(s.blended(p[:, : n + 1])[0]) for n, s in enumerate(cascade.stages)]
    defers = [bool(s.defers(np.array([b]))[0]) for s, b in zip(cascade.stages, blended, strict=True)]
    decider = defers.index(False)
    return [
        StageExplanation(
            stage, float(p[0, n]), blended[n], n <= decider, n == decider, word_weights(stage.classifier, text)
        )
        for n, stage in enumerate(cascade.stages)
    ]


def word_weights(classifier: Classifier, text: str) -> list[WordWeight]:
    """Compute the weight of each of the first sixty words by leaving it out; empty for texts of fewer than two words.

    Occlusion (Zeiler and Fergus 2014) works for any classifier, so that the weights of different stages can be
    compared. An effect that two words have only together appears at both.
    """
    words = text.split()
    if len(words) < 2:
        return []
    odds = log_odds(_disaster(classifier, [text, *_without(words)]))
    return [WordWeight(word, float(w)) for word, w in zip(words[:_MOST], odds[0] - odds[1:], strict=True)]


def _without(words: Sequence[str]) -> list[str]:
    """Return the text without its first word, without its second word, and so on."""
    return [" ".join([*words[:n], *words[n + 1 :]]) for n in range(min(len(words), _MOST))]


def _disaster(classifier: Classifier, texts: Sequence[str]) -> Floats:
    return classifier.predict_proba(texts)[:, 1]

"""Why the cascade says what it says of one text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worker.cascade.cascade import Stage, ThresholdCascade
from worker.models.ensemble import log_odds
from worker.types import Classifier, Floats

_MOST = 60  # words are left out in turn: what a tweet says is said by then


@dataclass(frozen=True)
class Moved:
    """A word, and how far it moves a classifier."""

    word: str
    by: float
    """Log-odds of a disaster with the word less those without it: above 0 it speaks for one."""


@dataclass(frozen=True)
class Told:
    """What one stage says of the text."""

    stage: Stage
    classifier: float
    """P(disaster) by its classifier alone."""
    blended: float
    """P(disaster) by the stage, which knows what the earlier ones said."""
    reached: bool
    """Whether the cascade asks it about this text."""
    decides: bool
    words: list[Moved]
    """In the text's order."""


def explain(cascade: ThresholdCascade, text: str) -> list[Told]:
    """Return what each stage says of the text, those that the cascade would not ask as well."""
    said = np.array([[stage.classifier.predict_proba([text])[0, 1] for stage in cascade.stages]])
    blended = [float(s.blended(said[:, : n + 1])[0]) for n, s in enumerate(cascade.stages)]
    defers = [bool(s.defers(np.array([p]))[0]) for s, p in zip(cascade.stages, blended, strict=True)]
    decider = defers.index(False)
    return [
        Told(stage, float(said[0, n]), blended[n], n <= decider, n == decider, moved(stage.classifier, text))
        for n, stage in enumerate(cascade.stages)
    ]


def moved(classifier: Classifier, text: str) -> list[Moved]:
    """Return how far each of the first sixty words moves a classifier, by leaving it out.

    Occlusion (Zeiler and Fergus 2014) needs to know nothing of the classifier, so that words can be compared over
    stages of any kind. What two words do only together is shown at both.
    """
    words = text.split()
    if len(words) < 2:
        return []
    told = log_odds(_disaster(classifier, [text, *_without(words)]))
    return [Moved(word, float(by)) for word, by in zip(words[:_MOST], told[0] - told[1:], strict=True)]


def _without(words: Sequence[str]) -> list[str]:
    return [" ".join([*words[:n], *words[n + 1 :]]) for n in range(min(len(words), _MOST))]


def _disaster(classifier: Classifier, texts: Sequence[str]) -> Floats:
    return classifier.predict_proba(texts)[:, 1]

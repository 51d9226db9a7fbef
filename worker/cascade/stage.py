"""A stage of the cascade: a classifier with its deferral band and its blend."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas import Band, Blend
from worker.cascade.calibration import blend
from worker.errors import StageError
from worker.types import Arithmetic, Classifier, Floats, KnowsWords, ReadsSome, StageCall


class StageAnswer(NamedTuple):
    """What a stage says of the texts."""

    probabilities: Floats
    """P(disaster), shape (n,); NaN where the classifier failed, or cannot read the text and is left out."""
    known: Floats | None
    """Share of each text's words that the classifier knows, shape (n,); None where it cannot say."""
    calls: Sequence[StageCall]
    """The calls that it took."""
    failures: Mapping[int, Exception] = {}
    """The classifier's own exceptions, by the text's index."""


@dataclass(frozen=True)
class Stage:
    """A classifier and its deferral band."""

    name: str
    classifier: Classifier
    band: Band | None = None
    """Probabilities that the stage defers; None: it decides everything."""
    blend: Blend | None = None
    """Combines the probabilities of all classifiers so far; None: the stage's own probability counts alone."""
    arithmetic: Arithmetic | None = None
    """Who computes the classifier's encoder, and in which type; None: it has none."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Return the classifier's P(disaster), shape (n,); NaN where it cannot read a text and is left out.

        Raises:
            StageError: the classifier failed.

        """
        return self._ask(texts)[0]

    def call(self, texts: Sequence[str]) -> StageCall:
        """Classify the texts and time it; raises StageError where the classifier failed."""
        return self.answer(texts).calls[0]

    def answer(self, texts: Sequence[str]) -> StageAnswer:
        """Classify the texts in one call; raises StageError where the classifier failed."""
        start = time.perf_counter()
        p, known = self._ask(texts)
        return StageAnswer(p, known, [StageCall(self.name, len(texts), time.perf_counter() - start, p, known)])

    def _ask(self, texts: Sequence[str]) -> tuple[Floats, Floats | None]:
        """Return P(disaster) and, where the classifier can say, the share of each text's words that it knows."""
        try:
            if self._can_be_left_out:
                return readable_probabilities(self.classifier, texts), None
            if not isinstance(self.classifier, KnowsWords):
                return positive_probabilities(self.classifier, texts), None
            found, known = self.classifier.predict_known(texts)
            return _checked(found, texts), known
        except Exception as error:
            raise StageError(self.name, error) from error

    @property
    def _can_be_left_out(self) -> bool:
        """Whether the blend does without this stage's classifier where that cannot read a text."""
        return self.blend is not None and len(self.blend.weights) - 1 in self.blend.without

    def blended(self, probabilities: Floats) -> Floats:
        """Return the stage's P(disaster), shape (n,), from those of all stages so far, shape (n, stages so far)."""
        return blend(self.blend, probabilities) if self.blend else probabilities[:, -1]

    def defers(self, p: Floats) -> NDArray[np.bool_]:
        """Return, for each probability, whether the stage defers it."""
        return inside(self.band, p) if self.band else np.zeros(p.shape, dtype=np.bool_)


def positive_probabilities(classifier: Classifier, texts: Sequence[str]) -> Floats:
    """Return the classifier's P(disaster), shape (n,), between 0 and 1.

    Raises:
        ValueError: the probabilities have another shape than (n, 2), or are not all finite.

    """
    return _checked(classifier.predict_proba(texts), texts)


def readable_probabilities(classifier: Classifier, texts: Sequence[str]) -> Floats:
    """Return the classifier's P(disaster), shape (n,), and NaN of texts that it says it cannot read.

    Raises:
        ValueError: the probabilities have another shape than (n, 2), or are not all finite.

    """
    if not isinstance(classifier, ReadsSome):
        return positive_probabilities(classifier, texts)
    found, readable = classifier.predict_readable(texts)
    p = np.full(len(texts), np.nan)
    p[readable] = _checked(found[readable], [text for text, reads in zip(texts, readable, strict=True) if reads])
    return p


def _checked(found: Floats, texts: Sequence[str]) -> Floats:
    """Return P(disaster), shape (n,), of a classifier's output; raises ValueError where that is none."""
    if found.shape != (len(texts), 2):
        raise ValueError(f"the classifier returned probabilities of shape {found.shape}, not ({len(texts)}, 2)")
    if bad := int((~np.isfinite(found)).any(axis=1).sum()):
        raise ValueError(f"the classifier returned NaN or infinite probabilities for {bad} of {len(texts)} texts")
    return np.clip(found[:, 1], 0.0, 1.0)  # a rounding error may put them just outside


Ask = Callable[[Stage, Sequence[str]], StageAnswer]
"""Asks a stage about texts."""


def inside(band: Band, p: Floats) -> NDArray[np.bool_]:
    """Return, for each probability, whether it lies strictly between the band's ends."""
    return np.asarray((p > band.low) & (p < band.high))


class StageProgress:
    """The stage that a batch is at, written by the thread that classifies it, read by the metrics."""

    def __init__(self) -> None:
        self._at: tuple[str, int] = ("", 0)  # one tuple, so that readers never see half of an update

    def enter(self, stage: str, tweets: int) -> None:
        """Note that the stage begins to classify these many tweets."""
        self._at = (stage, tweets)

    def leave(self) -> None:
        """Note that no stage is at work."""
        self._at = ("", 0)

    def tweets_at(self, stage: str) -> int:
        """Return how many tweets the stage is classifying now."""
        name, tweets = self._at
        return tweets if name == stage else 0

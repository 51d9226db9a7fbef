"""A cascade of classifiers: each stage decides what it is sure of and defers the rest to the next one.

The rule is that of classifier cascades (Viola and Jones 2001; scikit-fallback calls it thresholds and deferral): a
stage decides the texts whose probability lies outside its band and defers the others. The last stage decides every
text that reaches it. A stage's probability may be a blend of its own classifier's and the earlier ones'.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas import Band, Blend, Policy
from worker.cascade.calibration import blend
from worker.cascade.shedding import Budget, least_certain
from worker.errors import StageError
from worker.types import Classifier, Floats, Prediction, StageCall


@dataclass(frozen=True)
class Stage:
    """A classifier and its deferral band."""

    name: str
    classifier: Classifier
    band: Band | None = None
    """Probabilities that the stage defers; None: it decides everything."""
    blend: Blend | None = None
    """Combines the probabilities of all classifiers so far; None: the stage's own probability counts alone."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Return the classifier's P(disaster), shape (n,).

        Raises:
            StageError: the classifier failed.

        """
        try:
            return positive_probabilities(self.classifier, texts)
        except Exception as error:
            raise StageError(self.name, error) from error

    def call(self, texts: Sequence[str]) -> StageCall:
        """Classify the texts and time it; raises StageError where the classifier failed."""
        start = time.perf_counter()
        probabilities = self.probabilities(texts)
        return StageCall(self.name, len(texts), time.perf_counter() - start, probabilities)

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
    found = classifier.predict_proba(texts)
    if found.shape != (len(texts), 2):
        raise ValueError(f"the classifier returned probabilities of shape {found.shape}, not ({len(texts)}, 2)")
    if bad := int((~np.isfinite(found)).any(axis=1).sum()):
        raise ValueError(f"the classifier returned NaN or infinite probabilities for {bad} of {len(texts)} texts")
    return np.clip(found[:, 1], 0.0, 1.0)  # a rounding error may put them just outside


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


class CascadeOutput(NamedTuple):
    """What `ThresholdCascade.predict` returns."""

    predictions: list[Prediction]
    """One for each text, in order."""
    calls: list[StageCall]
    """The stage calls that they took."""


class ThresholdCascade:
    """Classifies texts stage by stage.

    Args:
        stages: from the cheapest to the best; the last one has no band.
        version: of the artifact that the stages come from.
        policy: what training promised of them, if anything.

    Raises:
        ValueError: no stage, a last stage with a band, or a blend without one weight for each stage so far.

    """

    def __init__(self, stages: Sequence[Stage], version: str, policy: Policy | None = None) -> None:
        if not stages or stages[-1].band:
            raise ValueError("a cascade needs at least one stage, and its last stage decides everything")
        if any(stage.blend and len(stage.blend.weights) != n for n, stage in enumerate(stages, 1)):
            raise ValueError("a blend in a cascade needs a weight for each stage so far")
        self.stages = tuple(stages)
        self.version = version
        self.policy = policy

    @property
    def names(self) -> list[str]:
        """Names of the stages, from the first to the last."""
        return [stage.name for stage in self.stages]

    def predict(
        self, texts: Sequence[str], budget: Budget | None = None, progress: StageProgress | None = None
    ) -> CascadeOutput:
        """Classify the texts.

        Args:
            texts: shape (n,).
            budget: limits how many texts are deferred: the least certain ones are, the others are marked as shed.
            progress: updated with the stage at work.

        Raises:
            StageError: a classifier failed.

        """
        run = _Run(self.stages, texts, budget, progress or StageProgress())
        try:
            while run.waiting.size:
                run.advance()
        finally:
            run.progress.leave()
        return CascadeOutput(run.predictions(self.names), run.calls)

    def last_stage_probabilities(self, texts: Sequence[str]) -> Floats:
        """Return P(disaster), shape (n,), of the last stage when all stages are asked about every text.

        Raises:
            StageError: a classifier failed.

        """
        probabilities = np.column_stack([stage.probabilities(texts) for stage in self.stages])
        return self.stages[-1].blended(probabilities)


class _Run:
    """One pass of texts through the stages; `waiting` holds the indices of the texts not decided yet."""

    def __init__(
        self, stages: Sequence[Stage], texts: Sequence[str], budget: Budget | None, progress: StageProgress
    ) -> None:
        self.stages, self.texts, self.budget, self.progress = stages, texts, budget, progress
        self.calls: list[StageCall] = []
        self.waiting = np.arange(len(texts))
        self._told = np.empty((len(texts), len(stages)))
        self._probability = np.empty(len(texts))
        self._decided_by = np.empty(len(texts), dtype=np.intp)
        self._shed = np.zeros(len(texts), dtype=np.bool_)

    def advance(self) -> None:
        """Ask the next stage about the texts that wait for it; keep those that it defers."""
        index, waiting = len(self.calls), self.waiting
        stage = self.stages[index]
        self.progress.enter(stage.name, len(waiting))
        call = stage.call([self.texts[i] for i in waiting.tolist()])
        self.calls.append(call)
        self._told[waiting, index] = call.probabilities
        p = stage.blended(self._told[waiting, : index + 1])
        self._probability[waiting], self._decided_by[waiting] = p, index
        deferred = stage.defers(p)
        self.waiting = self._affordable(stage, p[deferred], waiting[deferred])

    def _affordable(self, stage: Stage, p: Floats, deferred: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return those of the deferred texts that the budget pays for; mark the others as shed."""
        if not (self.budget and stage.band and deferred.size):
            return deferred
        following = self.stages[len(self.calls)].name
        admitted = self.budget.admits(following, len(p))
        chosen = least_certain(p, stage.band, admitted)
        self.budget = self.budget.less(following, admitted)
        self._shed[deferred[~chosen]] = True
        return deferred[chosen]

    def predictions(self, names: Sequence[str]) -> list[Prediction]:
        """Return a prediction for each text."""
        stages = map(names.__getitem__, self._decided_by.tolist())
        targets = (self._probability >= 0.5).astype(int).tolist()
        return list(map(Prediction, targets, self._probability.tolist(), stages, self._shed.tolist()))

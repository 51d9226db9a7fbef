"""Stages that pass on what they are unsure of.

The rule is that of classifier cascades (Viola and Jones 2001; scikit-fallback speaks of thresholds and deferral): a
stage decides the texts whose probability is outside of its band, and defers the others to the next one. The last
stage decides all that reach it. A stage's probability may be blended of its own classifier's and the earlier ones':
what they found out is not thrown away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from schemas import Band, Blend, Policy
from worker.cascade.calibration import blend
from worker.cascade.shedding import Budget, least_certain
from worker.types import Classifier, Floats, Prediction


@dataclass(frozen=True)
class Stage:
    """A classifier, and where it defers."""

    name: str
    classifier: Classifier
    band: Band | None = None
    """Where it is not sure enough to decide; none: it decides everything."""
    blend: Blend | None = None
    """Makes its probability of all classifiers' so far; none: its own classifier's."""

    def blended(self, said: Floats) -> Floats:
        """Return the stage's P(disaster), shape (n,), of what the classifiers so far said, shape (n, stages so far)."""
        return blend(self.blend, said) if self.blend else said[:, -1]

    def defers(self, p: Floats) -> NDArray[np.bool_]:
        """Tell of each probability whether it is inside of the band."""
        return inside(self.band, p) if self.band else np.zeros(p.shape, dtype=np.bool_)


def inside(band: Band, p: Floats) -> NDArray[np.bool_]:
    """Tell of each probability whether it is too close to call: above the band's low end and below its high one."""
    return np.asarray((p > band.low) & (p < band.high))


def _narrowed(budget: Budget, p: Floats, band: Band, following: str) -> tuple[NDArray[np.bool_], Budget]:
    """Return which of the deferred the following stage has time for, and what is left of the budget then."""
    admitted = budget.admits(following, len(p))
    return least_certain(p, band, admitted), budget.less(following, admitted)


class ThresholdCascade:
    """Classifies texts stage by stage.

    Args:
        stages: from the cheapest to the best; the last one has no band.
        version: of the artefact the stages come from.
        policy: what training promised of them, if it did.

    Raises:
        ValueError: no stage, a last stage that would defer, or a blend that is not of all stages so far.

    """

    def __init__(self, stages: Sequence[Stage], version: str, policy: Policy | None = None) -> None:
        if not stages or stages[-1].band:
            raise ValueError("a cascade needs at least one stage, and its last stage decides everything")
        if any(stage.blend and len(stage.blend.weights) != n for n, stage in enumerate(stages, 1)):
            raise ValueError("a blend in a cascade needs a weight for each stage so far")
        self.stages = tuple(stages)
        self.version = version
        self.policy = policy

    def predict(self, texts: Sequence[str], budget: Budget | None = None) -> list[Prediction]:
        """Return a prediction for each text, in order.

        With a budget no more are deferred than it pays for, the least certain ones; the others are marked as shed.
        """
        said = np.empty((len(texts), len(self.stages)))
        probability = np.empty(len(texts))
        decided_by = np.empty(len(texts), dtype=np.intp)
        shed = np.zeros(len(texts), dtype=np.bool_)
        waiting = np.arange(len(texts))
        for index, stage in enumerate(self.stages):
            if not waiting.size:
                break
            said[waiting, index] = stage.classifier.predict_proba([texts[i] for i in waiting.tolist()])[:, 1]
            p = stage.blended(said[waiting, : index + 1])
            probability[waiting] = p
            decided_by[waiting] = index
            deferred = stage.defers(p)
            waiting, p = waiting[deferred], p[deferred]
            if budget and stage.band and waiting.size:
                going_on, budget = _narrowed(budget, p, stage.band, self.stages[index + 1].name)
                shed[waiting[~going_on]] = True
                waiting = waiting[going_on]
        stages = map([stage.name for stage in self.stages].__getitem__, decided_by.tolist())
        targets = (probability >= 0.5).astype(int).tolist()
        return list(map(Prediction, targets, probability.tolist(), stages, shed.tolist()))

    def last_word(self, texts: Sequence[str]) -> Floats:
        """Return P(disaster), shape (n,), by the last stage, which is asked about every text, as are all before it."""
        said = np.column_stack([stage.classifier.predict_proba(texts)[:, 1] for stage in self.stages])
        return self.stages[-1].blended(said)

    def wrapped(self, wrap: Callable[[Stage], Classifier]) -> "ThresholdCascade":
        """Return the same cascade with each stage's classifier replaced by `wrap(stage)`, to measure it, say."""
        return ThresholdCascade([replace(s, classifier=wrap(s)) for s in self.stages], self.version, self.policy)

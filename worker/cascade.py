"""Stages that pass on what they are unsure of.

The rule is the confidence threshold of classifier cascades (Viola and Jones 2001; scikit-fallback calls the same
thing thresholds and deferral): a stage decides the texts on which its larger class probability reaches its
threshold, and defers the others to the next stage. The last stage decides all that reach it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from worker.types import Classifier, Prediction


@dataclass(frozen=True)
class Stage:
    """A classifier and the least confidence, max(p, 1 - p), at which it decides."""

    name: str
    classifier: Classifier
    threshold: float = 0.0


class ThresholdCascade:
    """Classifies texts stage by stage.

    Args:
        stages: from the cheapest to the best; the last one's threshold is 0.
        version: of the artefact the stages come from.

    Raises:
        ValueError: no stage, a last stage that would defer, or a threshold outside 0 to 1.

    """

    def __init__(self, stages: Sequence[Stage], version: str) -> None:
        if not stages or stages[-1].threshold > 0:
            raise ValueError("a cascade needs at least one stage, and its last stage decides everything")
        if not all(0 <= stage.threshold <= 1 for stage in stages):
            raise ValueError("a threshold is a confidence from 0 to 1")
        self.stages = tuple(stages)
        self.version = version

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return a prediction for each text, in order."""
        probability = np.empty(len(texts))
        decided_by = np.empty(len(texts), dtype=np.intp)
        waiting = np.arange(len(texts))
        for index, stage in enumerate(self.stages):
            if not waiting.size:
                break
            p = stage.classifier.predict_proba([texts[i] for i in waiting.tolist()])[:, 1]
            probability[waiting] = p
            decided_by[waiting] = index
            waiting = waiting[np.maximum(p, 1 - p) < stage.threshold]
        names = [stage.name for stage in self.stages]
        return [
            Prediction(int(p >= 0.5), p, names[index])
            for p, index in zip(probability.tolist(), decided_by.tolist(), strict=True)
        ]

    def wrapped(self, wrap: Callable[[Stage], Classifier]) -> "ThresholdCascade":
        """Return the same cascade with each stage's classifier replaced by `wrap(stage)`, to measure it, say."""
        return ThresholdCascade([replace(s, classifier=wrap(s)) for s in self.stages], self.version)

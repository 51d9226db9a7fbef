"""A cascade of classifiers: each stage decides what it is sure of and defers the rest to the next one.

The rule is that of classifier cascades (Viola and Jones 2001; scikit-fallback calls it thresholds and deferral): a
stage decides the texts whose probability lies outside its band and defers the others. The last stage decides every
text that reaches it. A stage's probability may be a blend of its own classifier's and the earlier ones'.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas import Policy
from worker.cascade.shedding import Budget, least_certain
from worker.cascade.stage import Stage, StageProgress
from worker.types import Floats, Prediction, StageCall


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

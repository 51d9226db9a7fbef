"""A cascade of classifiers: each stage decides what it is sure of and defers the rest to the next one.

The rule is that of classifier cascades (Viola and Jones 2001; scikit-fallback calls it thresholds and deferral): a
stage decides the texts whose probability lies outside its band and defers the others. The last stage decides every
text that reaches it. A stage's probability may be a blend of its own classifier's and the earlier ones'.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas import Policy
from worker.cascade.audit import AuditPlan, Treatment
from worker.cascade.segments import segment_names
from worker.cascade.shedding import UNDECIDED, Budget, least_certain
from worker.cascade.stage import Stage, StageProgress
from worker.errors import StageError
from worker.types import AuditedBatch, Floats, Prediction, StageCall

log = logging.getLogger(__name__)


class CascadeOutput(NamedTuple):
    """What `ThresholdCascade.predict` returns."""

    predictions: list[Prediction]
    """One for each text, in order."""
    calls: list[StageCall]
    """The stage calls that they took."""
    audits: AuditedBatch | None = None
    """What every stage says of some of the texts; None without a plan."""


class ThresholdCascade:
    """Classifies texts stage by stage.

    Args:
        stages: from the cheapest to the best; the last one has no band.
        version: of the artifact that the stages come from.
        policy: what training promised of them, if anything.
        plan: of the audits and of widened bands; None: none, and bands as trained.

    Raises:
        ValueError: no stage, a last stage with a band, or a blend without one weight for each stage so far.

    """

    def __init__(
        self, stages: Sequence[Stage], version: str, policy: Policy | None = None, plan: AuditPlan | None = None
    ) -> None:
        if not stages or stages[-1].band:
            raise ValueError("a cascade needs at least one stage, and its last stage decides everything")
        if any(stage.blend and len(stage.blend.weights) != n for n, stage in enumerate(stages, 1)):
            raise ValueError("a blend in a cascade needs a weight for each stage so far")
        self.stages = tuple(stages)
        self.version = version
        self.policy = policy
        self._plan = plan

    @property
    def names(self) -> list[str]:
        """Names of the stages, from the first to the last."""
        return [stage.name for stage in self.stages]

    @property
    def segments(self) -> Sequence[str]:
        """Names of the segments into which the first stage divides the texts."""
        return segment_names(self.stages[0].classifier)

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
        run = _Run(self.stages, texts, budget, progress or StageProgress(), self._plan)
        try:
            while run.asked.size:
                run.advance()
        finally:
            run.progress.leave()
        return CascadeOutput(run.predictions(self.names), run.calls, run.audits())

    def audited(self, plan: AuditPlan) -> "ThresholdCascade":
        """Return the same cascade with bands as the plan's levels widen them, and with audits; for one batch."""
        return ThresholdCascade(self.stages, self.version, self.policy, plan)


class _Run:
    """One pass of texts through the stages.

    Attributes:
        waiting: indices of the texts not decided yet.
        asked: indices of the texts that the next stage is asked about: those, and the audited ones.

    """

    def __init__(
        self,
        stages: Sequence[Stage],
        texts: Sequence[str],
        budget: Budget | None,
        progress: StageProgress,
        plan: AuditPlan | None,
    ) -> None:
        self.stages, self.texts, self.budget, self.progress = stages, texts, budget, progress
        self.calls: list[StageCall] = []
        self.waiting = self.asked = np.arange(len(texts))
        self._plan = plan
        self._treatment: Treatment | None = None
        self._told = np.empty((len(texts), len(stages)))
        self._blended = np.full((len(texts), len(stages)), np.nan)
        self._probability = np.empty(len(texts))
        self._decided_by = np.empty(len(texts), dtype=np.intp)
        self._shed = np.zeros(len(texts), dtype=np.bool_)

    def advance(self) -> None:
        """Ask the next stage about the texts that wait for it; keep those that it defers.

        Where it fails while it is asked about audited texts too, they are dropped: an audit must cost no label.
        """
        try:
            self._advance()
        except StageError as error:
            if not self._treatment or self.asked.size == self.waiting.size:
                raise
            log.warning("the audit of %d tweets failed: %s", self.asked.size - self.waiting.size, error)
            self._treatment.cancel()
            self.asked = self.waiting

    def _advance(self) -> None:
        index, waiting = len(self.calls), self.waiting
        stage = self.stages[index]
        self._ask(stage, index)
        p = self._blended[waiting, index]
        self._probability[waiting], self._decided_by[waiting] = p, index
        if stage is self.stages[-1]:
            self.waiting = self.asked = waiting[:0]
            return
        deferred = self._treatment.defers(index, waiting, p) if self._treatment else stage.defers(p)
        self.waiting = self._affordable(stage, p[deferred], waiting[deferred])
        self.asked = np.union1d(self.waiting, self._audited)

    def _ask(self, stage: Stage, index: int) -> None:
        asked = self.asked
        self.progress.enter(stage.name, len(asked))
        call = stage.call([self.texts[i] for i in asked.tolist()])
        self.calls.append(call)
        self._told[asked, index] = call.probabilities
        self._blended[asked, index] = stage.blended(self._told[asked, : index + 1])
        if self._plan and not index:
            self._treatment = Treatment(self._plan, call.known, len(self.texts))

    @property
    def _audited(self) -> NDArray[np.intp]:
        return self._treatment.audited if self._treatment else np.empty(0, dtype=np.intp)

    def _affordable(self, stage: Stage, p: Floats, deferred: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return those of the deferred texts that the budget pays for; mark the others as shed.

        Audits are paid first: they are few, and overload must not blind them.
        """
        if not (self.budget and deferred.size):
            return deferred
        following, audits = self.stages[len(self.calls)].name, self._audited.size
        admitted = max(0, self.budget.admits(following, len(p) + audits) - audits)
        chosen = least_certain(p, stage.band or UNDECIDED, admitted)
        self.budget = self.budget.less(following, admitted + audits)
        self._shed[deferred[~chosen]] = True
        return deferred[chosen]

    def audits(self) -> AuditedBatch | None:
        """Return the audits; None without a plan, or without texts."""
        if not self._treatment:
            return None
        return self._treatment.audits(self._blended, self._decided_by, self._shed)

    def predictions(self, names: Sequence[str]) -> list[Prediction]:
        """Return a prediction for each text."""
        stages = map(names.__getitem__, self._decided_by.tolist())
        targets = (self._probability >= 0.5).astype(int).tolist()
        return list(map(Prediction, targets, self._probability.tolist(), stages, self._shed.tolist()))

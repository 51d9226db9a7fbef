"""A cascade of classifiers: each stage decides what it is sure of and defers the rest to the next one.

The rule is that of classifier cascades (Viola and Jones 2001; scikit-fallback calls it thresholds and deferral): a
stage decides the texts whose probability lies outside its band and defers the others. The last stage decides every
text that reaches it. A stage's probability may be a blend of its own classifier's and the earlier ones'.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas import CLASSES, ClassNames, Policy
from worker.cascade.audit import AuditPlan
from worker.cascade.run import CascadeRun
from worker.cascade.segments import segment_names
from worker.cascade.shedding import Budget
from worker.cascade.stage import Ask, Stage, StageProgress
from worker.types import AuditedBatch, Prediction, StageCall


class CascadeOutput(NamedTuple):
    """What `ThresholdCascade.predict` returns."""

    predictions: list[Prediction]
    """One for each text, in order."""
    calls: list[StageCall]
    """The stage calls that they took."""
    audits: AuditedBatch | None = None
    """What every stage says of some of the texts; None without a plan."""
    failures: Mapping[int, Exception] = {}
    """The classifiers' exceptions, by the text's index; its prediction says nothing then."""

    def outcomes(self) -> Sequence[Prediction | Exception]:
        """Return each text's prediction, or the exception of the classifier that failed on it."""
        if not self.failures:
            return self.predictions
        return [self.failures.get(i, prediction) for i, prediction in enumerate(self.predictions)]


class ThresholdCascade:
    """Classifies texts stage by stage.

    Args:
        stages: from the cheapest to the best; the last one has no band.
        version: of the artifact that the stages come from.
        policy: what training promised of them, if anything.
        plan: of the audits and of widened bands; None: none, and bands as trained.
        classes: names of the targets 0 and 1, which labels have.

    Raises:
        ValueError: no stage, a last stage with a band, or a blend without one weight for each stage so far.

    """

    def __init__(
        self,
        stages: Sequence[Stage],
        version: str,
        policy: Policy | None = None,
        plan: AuditPlan | None = None,
        classes: ClassNames = CLASSES,
    ) -> None:
        if not stages or stages[-1].band:
            raise ValueError("a cascade needs at least one stage, and its last stage decides everything")
        if any(stage.blend and len(stage.blend.weights) != n for n, stage in enumerate(stages, 1)):
            raise ValueError("a blend in a cascade needs a weight for each stage so far")
        self.stages = tuple(stages)
        self.version = version
        self.policy = policy
        self.classes = classes
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
        self,
        texts: Sequence[str],
        budget: Budget | None = None,
        progress: StageProgress | None = None,
        ask: Ask = Stage.answer,
    ) -> CascadeOutput:
        """Classify the texts.

        Args:
            texts: shape (n,).
            budget: limits how many texts are deferred: the least certain ones are, the others are marked as shed.
            progress: updated with the stage at work.
            ask: asks a stage; by default in one call.

        Raises:
            StageError: a classifier failed.

        """
        run = CascadeRun(self.stages, texts, budget, progress or StageProgress(), self._plan, ask)
        try:
            while run.asked.size:
                run.advance()
        finally:
            run.progress.leave()
        return CascadeOutput(run.predictions(self.names), run.calls, run.audits(), run.failures)

    def audited(self, plan: AuditPlan) -> "ThresholdCascade":
        """Return the same cascade with bands as the plan's levels widen them, and with audits; for one batch."""
        return ThresholdCascade(self.stages, self.version, self.policy, plan, self.classes)

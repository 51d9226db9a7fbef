"""One pass of texts through the stages of a cascade."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from worker.cascade.audit import AuditPlan, Treatment
from worker.cascade.shedding import UNDECIDED, Budget, least_certain
from worker.cascade.stage import Ask, Stage, StageAnswer, StageProgress
from worker.errors import StageError
from worker.types import AuditedBatch, Floats, Prediction, StageCall

log = logging.getLogger(__name__)


class CascadeRun:
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
        ask: Ask,
    ) -> None:
        self.stages, self.texts, self.budget, self.progress = stages, texts, budget, progress
        self.calls: list[StageCall] = []
        self.failures: dict[int, Exception] = {}
        self._index, self._ask = 0, ask
        self.waiting = self.asked = np.arange(len(texts))
        self._plan = plan
        self._treatment: Treatment | None = None
        self._told = np.empty((len(texts), len(stages)))
        self._blended = np.full((len(texts), len(stages)), np.nan)
        self._probability = np.zeros(len(texts))
        self._decided_by = np.zeros(len(texts), dtype=np.intp)
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
        stage, index = self.stages[self._index], self._index
        self._take(self._answer(stage), stage)
        waiting = self.waiting
        p = self._blended[waiting, index]
        self._probability[waiting], self._decided_by[waiting] = p, index
        self._index += 1
        if stage is self.stages[-1]:
            self.waiting = self.asked = waiting[:0]
            return
        deferred = self._treatment.defers(index, waiting, p) if self._treatment else stage.defers(p)
        self.waiting = self._affordable(stage, p[deferred], waiting[deferred])
        self.asked = np.union1d(self.waiting, self._audited)

    def _answer(self, stage: Stage) -> StageAnswer:
        self.progress.enter(stage.name, len(self.asked))
        return self._ask(stage, [self.texts[i] for i in self.asked.tolist()])

    def _take(self, answer: StageAnswer, stage: Stage) -> None:
        """Keep what the stage says; leave out the texts on which it failed."""
        asked, index = self.asked, self._index
        self.calls.extend(answer.calls)
        self._told[asked, index] = answer.probabilities
        self._blended[asked, index] = stage.blended(self._told[asked, : index + 1])
        if self._plan and not index:
            self._treatment = Treatment(self._plan, answer.known, len(self.texts))
        if answer.failures:
            self._blended[asked[[*answer.failures]], index] = np.nan
            self._leave_out({int(asked[i]): error for i, error in answer.failures.items()})

    def _leave_out(self, failures: Mapping[int, Exception]) -> None:
        """Give up the texts; one that an earlier stage has decided loses only its audit."""
        undecided = {i: error for i, error in failures.items() if i in self.waiting}
        self.failures |= undecided
        self.waiting = np.setdiff1d(self.waiting, [*undecided])
        if self._treatment:
            self._treatment.leave_out([*failures])
        if audits := len(failures) - len(undecided):
            log.warning("the audit of %d tweets failed: %s", audits, next(iter(failures.values())))

    @property
    def _audited(self) -> NDArray[np.intp]:
        return self._treatment.audited if self._treatment else np.empty(0, dtype=np.intp)

    def _affordable(self, stage: Stage, p: Floats, deferred: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return those of the deferred texts that the budget pays for; mark the others as shed.

        Audits are paid first: they are few, and overload must not blind them.
        """
        if not (self.budget and deferred.size):
            return deferred
        following, audits = self.stages[self._index].name, self._audited.size
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

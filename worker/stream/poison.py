"""Isolation of poison records by bisection: one text on which a classifier fails does not cost its batch.

Only the call that failed is halved. What other stages, and the halves that succeed, say of the batch stays, so that
each stage answers for each text once.
"""

import logging
import time
from collections.abc import Sequence

import numpy as np

from worker.cascade.cascade import CascadeOutput, ThresholdCascade
from worker.cascade.shedding import Budget
from worker.cascade.stage import Stage, StageAnswer, StageProgress
from worker.errors import ClassifierError, StageError
from worker.types import Floats, StageCall

log = logging.getLogger(__name__)
_LONGEST_MESSAGE = 500  # TensorFlow writes pages
_KNOWN_GOOD = ["Forest fire near the village, everybody out"]


def predict_each(
    cascade: ThresholdCascade,
    texts: Sequence[str],
    budget: Budget | None = None,
    progress: StageProgress | None = None,
) -> CascadeOutput:
    """Return each text's prediction, or the exception that a classifier raised for it.

    A stage call that fails is halved until each poison text stands alone. Before that a known-good text tells a bad
    batch from a broken model.

    Raises:
        ClassifierError: a classifier fails even on a known-good text, or memory is exhausted.

    """
    try:
        return cascade.predict(texts, budget, progress, answer_each)
    except StageError as failure:
        log.debug("the classifier's own error", exc_info=True)
        raise ClassifierError(_message(cascade, failure)) from failure.error


def _message(cascade: ThresholdCascade, failure: StageError) -> str:
    error = failure.error
    how = "ran out of memory" if _is_exhaustion(error) else "fails even on a known-good text"
    return (
        f"stage {failure.stage} of artifact {cascade.version} {how}: {type(error).__name__}: "
        f"{str(error)[:_LONGEST_MESSAGE]}; the batch is not committed and will be polled again"
    )


def answer_each(stage: Stage, texts: Sequence[str]) -> StageAnswer:
    """Return the stage's answer to each text, or the classifier's exception for it.

    Raises:
        StageError: the classifier fails even on a known-good text, or memory is exhausted.

    """
    search = _Bisection(stage, texts)
    search.ask(0, len(texts))
    return search.answer()


class _Bisection:
    """One stage's call for a batch, divided where it fails."""

    def __init__(self, stage: Stage, texts: Sequence[str]) -> None:
        self._stage, self._texts = stage, texts
        self._found = np.full(len(texts), np.nan)
        self._known: Floats | None = None
        self._calls: list[StageCall] = []
        self._failures: dict[int, Exception] = {}
        self._works = False
        self._lost_s = 0.0

    def ask(self, begin: int, end: int) -> None:
        """Classify the texts from `begin` to `end`; where that fails, each half of them."""
        start = time.perf_counter()
        try:
            self._keep(self._stage.call(self._texts[begin:end]), begin, end)
        except StageError as failure:
            self._lost_s += time.perf_counter() - start
            self._check(failure)
            if end - begin == 1:
                self._failures[begin] = failure.error
                return
            middle = (begin + end) // 2
            self.ask(begin, middle)
            self.ask(middle, end)

    def _keep(self, call: StageCall, begin: int, end: int) -> None:
        self._calls.append(call)
        self._found[begin:end] = call.probabilities
        if call.known is not None:
            self._known = np.zeros(len(self._texts)) if self._known is None else self._known
            self._known[begin:end] = call.known

    def _check(self, failure: StageError) -> None:
        """Raise what is the fault of no text."""
        if _is_exhaustion(failure.error):
            raise failure
        if not self._works:
            self._stage.call(_KNOWN_GOOD)
            self._works = True

    def answer(self) -> StageAnswer:
        """Return the answer; its last call has the poison texts, and the seconds of all failed attempts."""
        failed = [StageCall(self._stage.name, len(self._failures), self._lost_s, None)] if self._lost_s else []
        return StageAnswer(self._found, self._known, [*self._calls, *failed], self._failures)


def _is_exhaustion(error: Exception) -> bool:
    """Return whether memory ran out, Python's or TensorFlow's, which is the fault of no text."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"

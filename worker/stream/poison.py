"""Isolation of poison records by bisection: one text on which a classifier fails does not cost its batch."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget
from worker.cascade.stage import StageProgress
from worker.errors import ClassifierError, StageError
from worker.types import AuditedBatch, Prediction, StageCall

log = logging.getLogger(__name__)
_LONGEST_MESSAGE = 500  # TensorFlow writes pages
_KNOWN_GOOD = ["Forest fire near the village, everybody out"]


class Isolated(NamedTuple):
    """What `predict_each` returns."""

    outcomes: list[Prediction | Exception]
    """Each text's prediction, or the classifier's own exception."""
    calls: list[StageCall]
    """The stage calls that succeeded, and one failed call for each poison text."""
    audits: list[AuditedBatch]
    """Of the parts of the batch that succeeded."""


def predict_each(
    cascade: ThresholdCascade,
    texts: Sequence[str],
    budget: Budget | None = None,
    progress: StageProgress | None = None,
) -> Isolated:
    """Return each text's prediction, or the exception that the classifier raised for it.

    A batch that fails is halved, together with its budget, until each poison text stands alone. Where no text of the
    batch succeeds, a known-good text tells a bad batch from a broken model.

    Raises:
        ClassifierError: the classifier fails even on a known-good text, or memory is exhausted.

    """
    progress = progress or StageProgress()
    try:
        found = _bisect(cascade, texts, budget, progress)
        if texts and all(isinstance(outcome, Exception) for outcome in found.outcomes):
            cascade.predict(_KNOWN_GOOD)
    except StageError as failure:
        log.debug("the classifier's own error", exc_info=True)
        raise ClassifierError(_message(cascade, failure)) from failure.error
    return found


def _message(cascade: ThresholdCascade, failure: StageError) -> str:
    error = failure.error
    how = "ran out of memory" if _is_exhaustion(error) else "fails even on a known-good text"
    return (
        f"stage {failure.stage} of artifact {cascade.version} {how}: {type(error).__name__}: "
        f"{str(error)[:_LONGEST_MESSAGE]}; the batch is not committed and will be polled again"
    )


def _bisect(
    cascade: ThresholdCascade, texts: Sequence[str], budget: Budget | None, progress: StageProgress
) -> Isolated:
    try:
        output = cascade.predict(texts, budget, progress)
        return Isolated(list(output.predictions), output.calls, [output.audits] if output.audits else [])
    except StageError as failure:
        if _is_exhaustion(failure.error):
            raise
        if len(texts) < 2:
            return Isolated([failure.error], [StageCall(failure.stage, 1, 0.0, None)], [])
    half = len(texts) // 2
    of_half = budget and budget.part(half / len(texts))
    of_rest = budget and budget.part(1 - half / len(texts))
    left = _bisect(cascade, texts[:half], of_half, progress)
    right = _bisect(cascade, texts[half:], of_rest, progress)
    return Isolated(left.outcomes + right.outcomes, left.calls + right.calls, left.audits + right.audits)


def _is_exhaustion(error: Exception) -> bool:
    """Return whether memory ran out, Python's or TensorFlow's, which is the fault of no text."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"

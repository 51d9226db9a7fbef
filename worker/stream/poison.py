"""Finding the text on which a classifier fails, so that one text does not cost a batch, nor a broken model a topic."""

import logging
from collections.abc import Sequence

from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget
from worker.errors import ClassifierError
from worker.types import Prediction

log = logging.getLogger(__name__)
_LONGEST = 500  # TensorFlow writes pages
_KNOWN_GOOD = ["Forest fire near the village, everybody out"]


def predict_each(
    cascade: ThresholdCascade, texts: Sequence[str], budget: Budget | None = None
) -> list[Prediction | Exception]:
    """Return each text's prediction, or what the classifier raised for it.

    A batch that fails is halved, and its budget, until each guilty text stands alone. Where none of the batch succeeds,
    a known good text tells a bad batch from a broken model.

    Raises:
        ClassifierError: the classifier fails on a known good text too, or memory is exhausted.

    """
    try:
        found = _predict(cascade, texts, budget)
        if texts and all(isinstance(result, Exception) for result in found):
            cascade.predict(_KNOWN_GOOD)
    except Exception as error:
        log.debug("the classifier's own error", exc_info=True)
        raise ClassifierError(
            f"the classifier of artefact {cascade.version} fails, and no text is to blame: "
            f"{type(error).__name__}: {str(error)[:_LONGEST]}; the batch is not committed and comes again"
        ) from error
    return found


def _predict(cascade: ThresholdCascade, texts: Sequence[str], budget: Budget | None) -> list[Prediction | Exception]:
    try:
        return list(cascade.predict(texts, budget))
    except Exception as error:
        if _is_exhaustion(error):
            raise
        if len(texts) < 2:
            return [error]
    half = len(texts) // 2
    of_half = budget and budget.part(half / len(texts))
    of_rest = budget and budget.part(1 - half / len(texts))
    return _predict(cascade, texts[:half], of_half) + _predict(cascade, texts[half:], of_rest)


def _is_exhaustion(error: Exception) -> bool:
    """Tell whether memory ran out, Python's or TensorFlow's: that is the machine's fault and no text's."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"

"""Finding the text on which a classifier fails, so that one text does not cost a batch, nor a broken model a topic."""

from collections.abc import Sequence

from worker.cascade import ThresholdCascade
from worker.types import Prediction

_KNOWN_GOOD = ["Forest fire near the village, everybody out"]


def predict_each(cascade: ThresholdCascade, texts: Sequence[str]) -> list[Prediction | Exception]:
    """Return each text's prediction, or what the classifier raised for it.

    A batch that fails is halved until each guilty text stands alone. Where none of the batch succeeds, a known good
    text tells a bad batch from a broken model.

    Raises:
        Exception: the classifier's own: it fails on a known good text too, or memory is exhausted.

    """
    found = _predict(cascade, texts)
    if texts and all(isinstance(result, Exception) for result in found):
        cascade.predict(_KNOWN_GOOD)
    return found


def _predict(cascade: ThresholdCascade, texts: Sequence[str]) -> list[Prediction | Exception]:
    try:
        return list(cascade.predict(texts))
    except Exception as error:
        if _is_exhaustion(error):
            raise
        if len(texts) < 2:
            return [error]
    half = len(texts) // 2
    return _predict(cascade, texts[:half]) + _predict(cascade, texts[half:])


def _is_exhaustion(error: Exception) -> bool:
    """Tell whether memory ran out, Python's or TensorFlow's: that is the machine's fault and no text's."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"

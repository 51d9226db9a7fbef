"""Classifier on a Keras model that takes strings."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from worker.models.tensorflow import KerasModel, keras, tensorflow
from worker.types import Floats

_BATCH = 1024


class KerasClassifier:
    """A Keras model from strings, shape (n,), to the probability of a disaster, shape (n, 1)."""

    def __init__(self, model: KerasModel) -> None:
        self.classes_ = np.array([0, 1])
        self._call = tensorflow().function(
            lambda texts: model(texts, training=False),
            input_signature=[tensorflow().TensorSpec([None], "string")],
        )

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        parts = [self._call(list(texts[start : start + _BATCH])) for start in range(0, len(texts), _BATCH)]
        p = np.concatenate([np.empty((0, 1)), *(part.numpy() for part in parts)])
        return np.hstack([1 - p, p])


def load_keras(files: dict[str, Path]) -> KerasClassifier:
    """Read the Keras model in the file `model`, in safe mode: it cannot bring Python code of its own."""
    return KerasClassifier(keras().models.load_model(files["model"], compile=False, safe_mode=True))

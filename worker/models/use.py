"""The Universal Sentence Encoder (USE) and a head on it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from worker.models.tensorflow import hub, keras, native_stderr_muted, tensorflow
from worker.types import Floats

DIMENSIONS = 512
_BATCH = 64  # measured: larger ones spend more on padding than they save


class Encoder(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return embeddings of shape (n texts, dimensions)."""


class UseEncoder:
    """USE from a TensorFlow SavedModel that takes strings and gives 512 floats each.

    Args:
        handle: what `tensorflow_hub.load` takes: a folder, or a tfhub.dev or kaggle.com address.

    """

    def __init__(self, handle: str) -> None:
        self._tf = tensorflow()
        with native_stderr_muted():
            self._model = hub().load(handle)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return embeddings of shape (n texts, 512).

        Texts of like length go together, so that little is spent on padding.
        """
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(texts), _BATCH):
            rows = by_length[start : start + _BATCH]
            vectors[rows] = self._model(self._tf.constant([texts[i] for i in rows])).numpy()
        return vectors


class UseClassifier:
    """A Keras head, 512 floats to the probability of a disaster, on USE."""

    def __init__(self, encoder: Encoder, head: Any) -> None:  # noqa: ANN401 (Keras has no types)
        self.classes_ = np.array([0, 1])
        self._encoder = encoder
        self._head = head

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        if not texts:
            return np.empty((0, 2))
        p = np.asarray(self._head(self._encoder.encode(texts), training=False), dtype=np.float64)
        return np.hstack([1 - p, p])


def load_use(files: dict[str, Path]) -> UseClassifier:
    """Read the SavedModel in the folder `encoder` and the Keras model in the file `head`."""
    encoder = UseEncoder(str(files["encoder"]))
    return UseClassifier(encoder, keras().models.load_model(files["head"], compile=False, safe_mode=True))

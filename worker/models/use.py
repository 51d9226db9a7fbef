"""The Universal Sentence Encoder (USE) and a head on it."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from worker.models.clean import LONGEST_CHARS
from worker.models.graph import refuse_unsafe_graph
from worker.models.tensorflow import hub, keras, native_stderr_muted, tensorflow
from worker.types import Floats

DIMENSIONS = 512
_BATCH = 64  # measured: larger ones spend more on padding than they save
_BATCH_CHARS = 32_000  # padding included: long texts go in smaller batches


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def parameters(self) -> int:
        """How many numbers it has."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return embeddings of shape (n texts, dimensions)."""


class UseEncoder:
    """USE from a TensorFlow SavedModel that takes strings and gives 512 floats each.

    Args:
        handle: what `tensorflow_hub.load` takes: a folder, or a tfhub.dev or kaggle.com address.

    """

    def __init__(self, handle: str) -> None:
        self._tf = tensorflow()
        self._folder = hub().resolve(handle)
        with native_stderr_muted():
            self._model = hub().load(self._folder)

    @property
    def parameters(self) -> int:
        """How many numbers it has."""
        listed = self._tf.train.list_variables(f"{self._folder}/variables/variables")
        return sum(math.prod(shape) for name, shape in listed if not name.startswith("_CHECKPOINTABLE"))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return embeddings of shape (n texts, 512), of the first 2,000 characters of each text.

        Texts of like length go together, so that little is spent on padding.
        """
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        first = [beginning(text) for text in texts]
        for rows in batches([spelled_length(text) for text in first]):
            vectors[rows] = self._model(self._tf.constant([first[i] for i in rows])).numpy()
        return vectors


def beginning(text: str) -> str:
    """Return as much of a text as is encoded: 2,000 characters, spelled out as the encoder's tokenizer does.

    Unicode's compatibility form (NFKC) of a single character has up to 18: a text of such would be 10,000 pieces.
    """
    first = text[:LONGEST_CHARS]
    return first if spelled_length(first) <= LONGEST_CHARS else normalize("NFKC", first)[:LONGEST_CHARS]


def spelled_length(text: str) -> int:
    """Return how many characters the encoder's tokenizer sees, which is the most pieces that it makes."""
    return len(normalize("NFKC", text))


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indices of texts, shortest first, in batches whose padded size is bounded."""
    rows: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if rows and (len(rows) == _BATCH or (len(rows) + 1) * min(lengths[i], LONGEST_CHARS) > _BATCH_CHARS):
            yield rows
            rows = []
        rows.append(i)
    if rows:
        yield rows


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
    """Read the SavedModel in the folder `encoder` and the Keras model in the file `head`.

    Raises:
        ArtifactError: the SavedModel's graph reads or writes files, or calls Python.

    """
    refuse_unsafe_graph(files["encoder"])
    encoder = UseEncoder(str(files["encoder"]))
    return UseClassifier(encoder, keras().models.load_model(files["head"], compile=False, safe_mode=True))

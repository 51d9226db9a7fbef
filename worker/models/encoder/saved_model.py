"""Encoder on any TensorFlow SavedModel of strings, such as those of TensorFlow Hub."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from worker.models.encoder.engine import Vectors
from worker.models.encoder.packed_encoder import DIMENSIONS
from worker.models.encoder.truncation import normalized_length
from worker.models.saved_model_scan import refuse_unsafe_graph
from worker.models.tensorflow import load_saved_model, tensorflow
from worker.models.text_cleaning import LONGEST_CHARS

_BATCH = 64  # measured: larger batches spend more on padding than they save
_BATCH_CHARS = 32_000  # padding included: long texts go in smaller batches


class SavedModelEncoder:
    """Maps strings to 512 floats each.

    Args:
        folder: of the SavedModel.

    Raises:
        ArtifactError: the SavedModel's graph reads or writes files, or calls Python.

    """

    def __init__(self, folder: Path) -> None:
        refuse_unsafe_graph(folder)
        self._folder, self._model = folder, load_saved_model(str(folder))

    @property
    def parameters(self) -> int:
        """Number of its parameters."""
        listed = tensorflow().train.list_variables(str(self._folder / "variables" / "variables"))
        return sum(math.prod(shape) for name, shape in listed if not name.startswith("_CHECKPOINTABLE"))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts of similar length together, so that little is spent on padding."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for rows in batches([normalized_length(text) for text in texts]):
            vectors[rows] = self._model(tensorflow().constant([texts[i] for i in rows])).numpy()
        return vectors


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indices of texts, shortest first, in batches of bounded size, padding included.

    Args:
        lengths: characters of each text, shape (n,).

    """
    rows: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if rows and (len(rows) == _BATCH or (len(rows) + 1) * min(lengths[i], LONGEST_CHARS) > _BATCH_CHARS):
            yield rows
            rows = []
        rows.append(i)
    if rows:
        yield rows

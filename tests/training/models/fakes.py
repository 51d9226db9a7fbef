"""A fake sentence encoder."""

import zlib
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from worker.models.encoder.packed_encoder import DIMENSIONS
from worker.models.encoder.packing import Ints
from worker.types import Arithmetic, Bools


class RecordingEncoder:
    """Returns arbitrary vectors and pieces, and records the texts."""

    parameters = 0
    arithmetic = Arithmetic("onnx", "int8")
    vocabulary_size = 500

    def __init__(self) -> None:
        self.asked: list[str] = []

    @property
    def packed(self) -> "RecordingEncoder":
        """Itself: it has pieces."""
        return self

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors, shape (n, 512)."""
        self.asked.extend(texts)
        return np.random.default_rng(1).normal(size=(len(texts), DIMENSIONS)).astype(np.float32)

    def readable(self, texts: Sequence[str]) -> Bools:
        """Return whether each text is shorter than 200 characters."""
        return np.array([len(text) < 200 for text in texts], dtype=np.bool_)

    def tokenize(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return a piece for each word."""
        words = [[zlib.crc32(word.encode()) % self.vocabulary_size for word in text.split()] for text in texts]
        return np.array(list(chain.from_iterable(words)), np.int32), np.cumsum([0, *map(len, words)])

    def piece_inputs(self, ids: Ints) -> NDArray[np.float32]:
        """Return the pieces' inputs, shape (n, 8)."""
        table = np.random.default_rng(2).normal(size=(self.vocabulary_size, 8)).astype(np.float32)
        return np.asarray(table[ids])

"""What the network needs of each piece of the vocabulary, whatever stands beside it in a text.

Before the convolutions, USE projects the embedding of each piece and normalizes the result. That depends on the piece
alone, so it is computed once for a piece, when a text has it for the first time: a stream uses a small part of the
vocabulary, and neither time nor memory is spent on the rest.
"""

import math
import mmap
import threading
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from worker.models.encoder.packing import Ints

EMBEDDINGS, WEIGHTS = "embeddings.npy", "weights.npz"
WIDTH = 768
"""Of what the convolutions over 2, 3 and 5 pieces see of a piece: 256 for each."""
ZERO = 128
"""The byte that stands for 0 in quantized inputs."""
_PART = 4096  # pieces computed at once where all are
_CHUNK = 64  # pieces projected at once: always as many, so that rounding does not depend on the batch

InputType = Literal["uint8", "float16"]


class PieceWeights(NamedTuple):
    """The part of the encoder before the convolutions, for v pieces."""

    embeddings: NDArray[np.int8]
    """Quantized around 0, shape (v, 512)."""
    scale: NDArray[np.float32]
    """Of piece i: entry i modulo the length."""
    offset: NDArray[np.float32]
    """Of piece i: entry i modulo the length."""
    projection: NDArray[np.float32]
    """Shape (512, 768)."""
    bias: NDArray[np.float32]
    gain: NDArray[np.float32]
    shift: NDArray[np.float32]
    """Of the normalization, and those before, shape (768,)."""
    eps: NDArray[np.float32]
    """A number, added to a variance."""
    input_scale: NDArray[np.float32]
    """Of the quantized inputs, shape (768,): of each column the largest magnitude in the vocabulary is 127 times it."""

    def embedded(self, ids: Ints) -> NDArray[np.float32]:
        """Return the embeddings of pieces, shape (n, 512)."""
        scale, offset = self.scale_of(ids)
        return np.asarray(self.embeddings[ids] * scale[:, np.newaxis] + offset[:, np.newaxis])

    def scale_of(self, ids: Ints) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return scale and offset of the quantized embeddings of pieces, each of shape (n,)."""
        chunk = ids % len(self.scale)
        return self.scale[chunk], self.offset[chunk]

    def project(self, embedded: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the convolutions see of pieces with these embeddings, shape (n, 768)."""
        x = embedded @ self.projection + self.bias
        x -= x.mean(axis=1, keepdims=True)
        deviation = np.sqrt(np.square(x).mean(axis=1, keepdims=True) + self.eps)
        return np.asarray(x / deviation * self.gain + self.shift)


def load_piece_weights(folder: Path) -> PieceWeights:
    """Return the weights of the pieces in an encoder's folder."""
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        parts = {name: stored[name] for name in PieceWeights._fields if name in stored.files}
    return PieceWeights(embeddings=np.load(folder / EMBEDDINGS, allow_pickle=False), **parts)


def facts_of(weights: PieceWeights, ids: Ints, embedded: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return sum, sum of squares, scale and offset of pieces and their embeddings, shape (n, 4)."""
    sums = (embedded.sum(axis=1), np.square(embedded).sum(axis=1))
    return np.stack([*sums, *weights.scale_of(ids)], axis=1)


def piece_facts(weights: PieceWeights) -> NDArray[np.float32]:
    """Return the facts of all v pieces, shape (v, 4)."""
    every = np.arange(len(weights.embeddings))
    parts = np.array_split(every, 1 + len(every) // _PART)
    return np.concatenate([facts_of(weights, part, weights.embedded(part)) for part in parts])


class PieceTable:
    """The rows of pieces, each computed when it is first asked for; a last row of zeros fills gaps between texts.

    Args:
        weights: of the pieces.
        dtype: of the inputs; `uint8` is quantized, `x = input_scale * (byte - 128)`.

    """

    def __init__(self, weights: PieceWeights, dtype: InputType) -> None:
        self._weights = weights
        self.filler = len(weights.embeddings)
        """The piece that stands in gaps."""
        self._inputs = _sparse_zeros((self.filler + 1, WIDTH), np.dtype(dtype))
        self._facts = _sparse_zeros((self.filler + 1, 4), np.dtype(np.float32))
        self._known = np.zeros(self.filler + 1, np.bool_)
        self._inputs[self.filler], self._known[self.filler] = ZERO if dtype == "uint8" else 0, True
        self._lock = threading.Lock()

    def rows(self, ids: Ints) -> dict[str, NDArray[Any]]:
        """Return the rows of pieces.

        Returns:
            `inputs` of the convolutions, shape (n, 768); `embeddings`, quantized around 0, shape (n, 512); `facts`,
            shape (n, 4): sum and sum of squares of the embedding, scale and offset of its quantization.

        """
        self._compute(ids)
        embeddings = self._weights.embeddings.take(ids, axis=0, mode="clip")  # a gap's row has weight 0
        return {"inputs": self._inputs[ids], "embeddings": embeddings, "facts": self._facts[ids]}

    def inputs(self, ids: Ints) -> NDArray[Any]:
        """Return the inputs of the convolutions, shape (n, 768)."""
        self._compute(ids)
        return np.asarray(self._inputs[ids])

    def _compute(self, ids: Ints) -> None:
        if self._known[ids].all():
            return
        with self._lock:  # each row is computed once, so that two threads see the same
            new = np.unique(ids[~self._known[ids]])
            for start in range(0, len(new), _CHUNK):
                self._add(new[start : start + _CHUNK])

    def _add(self, ids: Ints) -> None:
        padded = np.resize(ids, _CHUNK)
        embedded = self._weights.embedded(padded)
        self._inputs[padded] = self._stored(self._weights.project(embedded))
        self._facts[padded] = facts_of(self._weights, padded, embedded)
        self._known[ids] = True

    def _stored(self, x: NDArray[np.float32]) -> NDArray[Any]:
        if self._inputs.dtype == np.uint8:
            return np.clip(np.round(x / self._weights.input_scale), -127, 127) + ZERO
        return x


def _sparse_zeros(shape: tuple[int, int], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return zeros of which only the pages that are written take memory; NumPy would ask for pages of 2 MiB."""
    memory = mmap.mmap(-1, math.prod(shape) * dtype.itemsize)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):  # Linux only
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(memory, dtype).reshape(shape)

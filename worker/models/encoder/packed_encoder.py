"""Packed encoder: embeds many texts as one sequence of pieces, without padding.

The vector of a text does not depend on its neighbours, because two zero pieces (a gap) follow each text.

A SavedModel that supports packing has these functions beside `tokenize`:

- `pieces()`: the number of pieces in the vocabulary.
- `prepare(ids)`: what the network needs of a piece whatever its context: tensors with one row per piece.
- `kernels(like)`: the weights in the floating-point type of `like`.
- `embed(cache, weights, (ids, owners, counts))`: one vector per text of a packed sequence.

`training/encoder/export.py` writes such a model.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.models.encoder.compute_dtype import compute_dtype
from worker.models.encoder.packing import LONGEST, SHAPES, Ints, Shape, lay_out, plan
from worker.models.encoder.tokenizer import RememberingTokenizer
from worker.models.encoder.traced import TracedFunction
from worker.models.tensorflow import SavedModel, Tensor, TensorFlow

_FUNCTIONS = ("tokenize", "pieces", "prepare", "kernels", "embed")
_CHUNK = 2048  # pieces prepared at once, which bounds the memory of the intermediate results
_ALIGNMENT = 64  # bytes


class PackedEncoder:
    """Encoder on a SavedModel that supports packing.

    Args:
        tf: TensorFlow.
        model: the SavedModel.
        dimensions: of a vector.

    """

    def __init__(self, tf: TensorFlow, model: SavedModel, dimensions: int) -> None:
        self._tf, self._model, self._dimensions = tf, model, dimensions
        self._weights = model.kernels(tf.zeros([], compute_dtype(tf)))
        self._cache = _prepared(tf, model)
        self._filler = self._cache[0].shape[0] - 1
        self._remembered = RememberingTokenizer(self._tokenize)
        self._embed = TracedFunction(
            lambda ids, owners, counts: model.embed(self._cache, self._weights, [ids, owners, counts])
        )
        self._warm_up()

    def _warm_up(self) -> None:
        for shape in SHAPES:
            self._call(np.array([], np.int32), np.array([], np.int32), shape)
        self._embed.end_warm_up()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return embeddings of shape (n texts, dimensions); the caller bounds the length of the texts."""
        vectors = np.empty((len(texts), self._dimensions), dtype=np.float32)
        ids, splits = self.tokenize(texts)
        counts = np.diff(splits)
        for start, stop, shape in plan(counts):
            called = self._call(ids[splits[start] : splits[stop]], counts[start:stop], shape)
            vectors[start:stop] = called[: stop - start]
        return vectors

    def tokenize(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of all texts, and the bounds between texts, shape (n texts + 1,)."""
        return self._remembered(texts)

    @property
    def vocabulary_size(self) -> int:
        """Number of pieces."""
        return int(self._filler)

    def piece_inputs(self, ids: Ints) -> NDArray[np.float32]:
        """Return what the network's convolutions see of these pieces, shape (n, 768), in any context."""
        tables = self._cache[:-1]  # the last one holds facts for the normalization
        rows = [self._tf.cast(self._tf.gather(table, ids), self._tf.float32) for table in tables]
        return np.asarray(self._tf.concat(rows, -1).numpy())

    def _tokenize(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of all texts, and the bounds between texts, shape (n texts + 1,)."""
        tokens = self._model.tokenize(self._tf.constant(texts, self._tf.string))
        if np.diff(tokens.row_splits.numpy()).max(initial=0) > LONGEST:
            tokens = tokens[:, :LONGEST]
        return tokens.flat_values.numpy(), tokens.row_splits.numpy()

    def _call(self, ids: Ints, counts: Ints, shape: Shape) -> NDArray[np.float32]:
        packed = lay_out(ids, counts, shape, self._filler)
        vectors: NDArray[np.float32] = self._embed(*(self._tf.constant(part) for part in packed)).numpy()
        return vectors


def offers_packing(model: SavedModel) -> bool:
    """Return whether a SavedModel supports packing."""
    return all(callable(getattr(model, name, None)) for name in _FUNCTIONS)


def _prepared(tf: TensorFlow, model: SavedModel) -> list[Tensor]:
    """Return the tables of `prepare` for the whole vocabulary, with a last row of zeros for the gap.

    They are collected in arrays, some pieces at a time: small tensors would fragment TensorFlow's memory.
    """
    pieces = int(model.pieces())
    tables: list[NDArray[Any]] = []
    for start in range(0, pieces, _CHUNK):
        stop = min(start + _CHUNK, pieces)
        found = [part.numpy() for part in model.prepare(tf.range(start, stop))]
        tables = tables or [_aligned_zeros((pieces + 1, *part.shape[1:]), part.dtype) for part in found]
        for table, part in zip(tables, found, strict=True):
            table[start:stop] = part
    return [_shared(tf, table) for table in tables]


def _aligned_zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return zeros aligned as TensorFlow requires; it would copy any other array."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.zeros(size + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return np.asarray(memory[start : start + size].view(dtype).reshape(shape))


def _shared(tf: TensorFlow, array: NDArray[Any]) -> Tensor:
    """Return a tensor that shares the array's memory (a copy on a GPU); DLPack takes bfloat16 as integers."""
    floats = array.view(np.uint16) if array.dtype.itemsize == 2 else array
    tensor = tf.experimental.dlpack.from_dlpack(floats.__dlpack__())
    return tf.identity(tf.bitcast(tensor, tf.as_dtype(array.dtype)))

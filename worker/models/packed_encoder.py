"""Texts in a row: what is computed of a text does not depend on how long its neighbours are, and nothing is padding.

A SavedModel that offers it has, beside `tokenize`: `pieces()`, how many there are; `prepare(ids)`, what is known of a
piece wherever it stands, tensors with a row for each; `kernels(like)`, weights in the type of floats of `like`; and
`embed(cache, weights, (ids, owners, counts))`, which takes the pieces of several texts in a row, two of zeros after
each text, and gives a vector for each text. `training/encoder/export.py` writes it.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from worker.models.compute_dtype import compute_dtype
from worker.models.traced import Compiled

GAP = 2
_FUNCTIONS = ("tokenize", "pieces", "prepare", "kernels", "embed")
_CHUNK = 2048  # pieces that are prepared at once: what is needed meanwhile stays small
_ALIGNMENT = 64  # bytes
_FIXED_COST = 400  # of a call, in pieces: measured

Ints = NDArray[np.integer[Any]]


class Shape(NamedTuple):
    """A row's size: the shapes that TensorFlow sees."""

    pieces: int
    texts: int


SHAPES = (Shape(128, 8), Shape(512, 24), Shape(1024, 48), Shape(2048, 96), Shape(3584, 144))
"""A text of 2,000 characters fits the last but one."""
_LONGEST = SHAPES[-1].pieces - GAP


class Row(NamedTuple):
    """Texts from start to stop, in a row of a shape."""

    start: int
    stop: int
    shape: Shape


def plan(counts: Ints) -> Iterator[Row]:
    """Yield rows that hold texts of these many pieces, each once, in order; most texts for the time come first."""
    ends = np.concatenate([[0], np.cumsum(np.asarray(counts, dtype=np.int64) + GAP)])
    start = 0
    while start < len(counts):
        rows = [Row(start, _stop(ends, start, shape), shape) for shape in SHAPES]
        best = max(rows, key=lambda row: ((row.stop - row.start) / (row.shape.pieces + _FIXED_COST), row.shape))
        yield best
        start = best.stop


def _stop(ends: Ints, start: int, shape: Shape) -> int:
    """Return where the texts from `start` on that fit end."""
    fitting = int(np.searchsorted(ends, ends[start] + shape.pieces, side="right")) - 1
    return min(fitting, start + shape.texts)


def lay_out(ids: Ints, counts: Ints, shape: Shape, filler: int) -> tuple[Ints, Ints, Ints]:
    """Return a row: piece ids, and `filler` between; the text of each, -1 in a gap; how many pieces each text has."""
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(ids)) + GAP * owner
    pieces, owners = np.full(shape.pieces, filler, np.int32), np.full(shape.pieces, -1, np.int32)
    pieces[place], owners[place] = ids, owner
    filled = np.ones(shape.texts, np.int32)  # a text of no pieces would be divided by 0
    filled[: len(counts)] = counts
    return pieces, owners, filled


class PackedEncoder:
    """Feeds a SavedModel that takes texts in a row.

    Args:
        tf: TensorFlow.
        model: the SavedModel.
        dimensions: of a vector.

    """

    def __init__(self, tf: Any, model: Any, dimensions: int) -> None:  # noqa: ANN401
        self._tf, self._model, self._dimensions = tf, model, dimensions
        self._weights = model.kernels(tf.zeros([], compute_dtype(tf)))
        self._cache = _prepared(tf, model)
        self._filler = self._cache[0].shape[0] - 1
        self._embed = Compiled(
            lambda ids, owners, counts: model.embed(self._cache, self._weights, [ids, owners, counts])
        )
        self._warm_up()

    def _warm_up(self) -> None:
        for shape in SHAPES:
            self._call(np.array([], np.int32), np.array([], np.int32), shape)
        self._embed.warm()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return embeddings of shape (n texts, dimensions); texts are of bounded length."""
        vectors = np.empty((len(texts), self._dimensions), dtype=np.float32)
        ids, splits = self._tokenize(texts)
        counts = np.diff(splits)
        for start, stop, shape in plan(counts):
            called = self._call(ids[splits[start] : splits[stop]], counts[start:stop], shape)
            vectors[start:stop] = called[: stop - start]
        return vectors

    def _tokenize(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of all texts, and where each text's begin and end."""
        tokens = self._model.tokenize(self._tf.constant(texts, self._tf.string))
        if np.diff(tokens.row_splits.numpy()).max(initial=0) > _LONGEST:
            tokens = tokens[:, :_LONGEST]
        return tokens.flat_values.numpy(), tokens.row_splits.numpy()

    def _call(self, ids: Ints, counts: Ints, shape: Shape) -> Any:  # noqa: ANN401
        row = lay_out(ids, counts, shape, self._filler)
        return self._embed(*(self._tf.constant(part) for part in row)).numpy()


def offers_packing(model: Any) -> bool:  # noqa: ANN401
    """Tell whether a SavedModel takes texts in a row."""
    return all(callable(getattr(model, name, None)) for name in _FUNCTIONS)


def _prepared(tf: Any, model: Any) -> list[Any]:  # noqa: ANN401
    """Return what is known of each piece, and of the gap, which is a last row of zeros.

    It is gathered in arrays, a few pieces at a time: TensorFlow's own small tensors would leave holes in the memory.
    """
    pieces = int(model.pieces())
    tables: list[NDArray[Any]] = []
    for start in range(0, pieces, _CHUNK):
        stop = min(start + _CHUNK, pieces)
        found = [part.numpy() for part in model.prepare(tf.range(start, stop))]
        tables = tables or [_zeros((pieces + 1, *part.shape[1:]), part.dtype) for part in found]
        for table, part in zip(tables, found, strict=True):
            table[start:stop] = part
    return [_shared(tf, table) for table in tables]


def _zeros(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:  # noqa: ANN401
    """Return an array that begins where TensorFlow wants a tensor to: else it would be copied."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.zeros(size + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return np.asarray(memory[start : start + size].view(dtype).reshape(shape))


def _shared(tf: Any, array: NDArray[Any]) -> Any:  # noqa: ANN401
    """Return a tensor in the array's memory, or on the GPU; the exchange format knows no bfloat16."""
    floats = array.view(np.uint16) if array.dtype.itemsize == 2 else array
    tensor = tf.experimental.dlpack.from_dlpack(floats.__dlpack__())
    return tf.identity(tf.bitcast(tensor, tf.as_dtype(array.dtype)))

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
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from worker.models.compute_dtype import compute_dtype
from worker.models.tensorflow import SavedModel, Tensor, TensorFlow
from worker.models.traced import TracedFunction

GAP = 2
_FUNCTIONS = ("tokenize", "pieces", "prepare", "kernels", "embed")
_CHUNK = 2048  # pieces prepared at once, which bounds the memory of the intermediate results
_ALIGNMENT = 64  # bytes
_FIXED_COST = 400  # of a call, in pieces: measured

Ints = NDArray[np.integer[Any]]


class Shape(NamedTuple):
    """Capacity of a packed sequence. TensorFlow compiles one function for each."""

    pieces: int
    texts: int


SHAPES = (Shape(128, 8), Shape(512, 24), Shape(1024, 48), Shape(2048, 96), Shape(3584, 144))
"""A text of 2,000 characters fits the last but one."""
_LONGEST = SHAPES[-1].pieces - GAP


class PackedTexts(NamedTuple):
    """The texts from `start` to `stop` (exclusive), packed into one sequence of a shape."""

    start: int
    stop: int
    shape: Shape


def plan(counts: Ints) -> Iterator[PackedTexts]:
    """Yield packed sequences that together hold each text once, in order.

    Greedy: the next texts go into the shape that embeds the most texts per time, where a call takes as long as its
    pieces plus a fixed cost of 400 pieces. Of equal shapes the larger one is chosen.

    For 30 tweets of 20 pieces, which need 22 places each with the gap, the choice is:

    | shape                  | texts that fit | texts per 1,000 pieces of time |
    |------------------------|----------------|--------------------------------|
    | 128 pieces, 8 texts    | 5              | 5 / 0.528 = 9.5                |
    | 512 pieces, 24 texts   | 23             | 23 / 0.912 = 25.2              |
    | 1,024 pieces, 48 texts | 30             | 30 / 1.424 = 21.1              |

    So the first 23 go into the second shape, and the other seven into the smallest one, five and two:

    >>> for packed in plan(np.full(30, 20)):
    ...     print(packed.start, packed.stop, packed.shape)
    0 23 Shape(pieces=512, texts=24)
    23 28 Shape(pieces=128, texts=8)
    28 30 Shape(pieces=128, texts=8)

    A text of 1,200 pieces needs the fourth shape, which has room for the next two as well:

    >>> list(plan(np.array([1200, 20, 20])))
    [PackedTexts(start=0, stop=3, shape=Shape(pieces=2048, texts=96))]

    Args:
        counts: pieces of each text, shape (n,); each fits the largest shape.

    """
    ends = np.concatenate([[0], np.cumsum(np.asarray(counts, dtype=np.int64) + GAP)])
    start = 0
    while start < len(counts):
        choices = [PackedTexts(start, _stop(ends, start, shape), shape) for shape in SHAPES]
        best = max(choices, key=lambda c: ((c.stop - c.start) / (c.shape.pieces + _FIXED_COST), c.shape))
        yield best
        start = best.stop


def _stop(ends: Ints, start: int, shape: Shape) -> int:
    """Return the first text after `start` that does not fit the shape any more."""
    fitting = int(np.searchsorted(ends, ends[start] + shape.pieces, side="right")) - 1
    return min(fitting, start + shape.texts)


def lay_out(ids: Ints, counts: Ints, shape: Shape, filler: int) -> tuple[Ints, Ints, Ints]:
    """Return a packed sequence: its pieces, their owners, and the counts of the texts.

    Two texts, of 3 and of 2 pieces, in a shape with room for three:

    >>> for part in lay_out(np.array([7, 8, 9, 5, 6]), np.array([3, 2]), Shape(pieces=12, texts=3), filler=99):
    ...     print(part)
    [ 7  8  9 99 99  5  6 99 99 99 99 99]
    [ 0  0  0 -1 -1  1  1 -1 -1 -1 -1 -1]
    [3 2 1]

    Args:
        ids: pieces of all texts, shape (sum of counts,).
        counts: pieces of each text, shape (n,).
        shape: to fill.
        filler: the piece that stands in gaps.

    Returns:
        The pieces, shape (shape.pieces,); the index of each piece's text, -1 in a gap, of the same shape; pieces of
        each text, shape (shape.texts,), 1 for a missing text, since the network divides by it.

    """
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(ids)) + GAP * owner
    pieces, owners = np.full(shape.pieces, filler, np.int32), np.full(shape.pieces, -1, np.int32)
    pieces[place], owners[place] = ids, owner
    filled = np.ones(shape.texts, np.int32)
    filled[: len(counts)] = counts
    return pieces, owners, filled


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
        ids, splits = self._tokenize(texts)
        counts = np.diff(splits)
        for start, stop, shape in plan(counts):
            called = self._call(ids[splits[start] : splits[stop]], counts[start:stop], shape)
            vectors[start:stop] = called[: stop - start]
        return vectors

    def _tokenize(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of all texts, and the bounds between texts, shape (n texts + 1,)."""
        tokens = self._model.tokenize(self._tf.constant(texts, self._tf.string))
        if np.diff(tokens.row_splits.numpy()).max(initial=0) > _LONGEST:
            tokens = tokens[:, :_LONGEST]
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

"""Packing: which texts share a sequence, and how their pieces lie in it. Pure.

A gap of two pieces follows each text: a convolution over five pieces reaches two to each side, so no text affects
another. TensorFlow's sequences have one of a few shapes, so that it traces few functions; ONNX Runtime takes any.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

GAP = 2
_FIXED_COST = 400  # of a call of TensorFlow, in pieces: measured
_ENOUGH = 512  # pieces of a sequence of any length: measured, more take longer for each piece

Ints = NDArray[np.integer[Any]]


class Shape(NamedTuple):
    """Capacity of a packed sequence. TensorFlow compiles one function for each."""

    pieces: int
    texts: int


SHAPES = (Shape(128, 8), Shape(512, 24), Shape(1024, 48), Shape(2048, 96), Shape(3584, 144))
"""A text of 2,000 characters fits the last but one."""
GPU_SHAPES = (Shape(256, 12), Shape(1024, 48), Shape(4096, 192), Shape(8192, 384))
"""On a GPU; the largest fills one, the longest text fits the last but one."""
GPU_FIXED_COST = 4000
"""Of a call on a GPU, in pieces: by arithmetic, some 0.2 ms for its kernels' starts; not measured."""
LONGEST = SHAPES[-1].pieces - GAP
"""Pieces of the longest text that fits."""


class PackedTexts(NamedTuple):
    """The texts from `start` to `stop` (exclusive), packed into one sequence of a shape."""

    start: int
    stop: int
    shape: Shape


def plan(counts: Ints, shapes: Sequence[Shape] = SHAPES, fixed_cost: int = _FIXED_COST) -> Iterator[PackedTexts]:
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
        shapes: to choose from.
        fixed_cost: of a call, in pieces.

    """
    ends = np.concatenate([[0], np.cumsum(np.asarray(counts, dtype=np.int64) + GAP)])
    start = 0
    while start < len(counts):
        choices = [PackedTexts(start, _stop(ends, start, shape), shape) for shape in shapes]
        best = max(choices, key=lambda c: ((c.stop - c.start) / (c.shape.pieces + fixed_cost), c.shape))
        yield best
        start = best.stop


def sequences(counts: Ints) -> Iterator[PackedTexts]:
    """Yield packed sequences as short as their texts, each with up to 512 pieces or a single longer text.

    >>> for packed in sequences(np.array([300, 200, 20, 900, 5])):
    ...     print(packed.start, packed.stop, packed.shape)
    0 2 Shape(pieces=504, texts=2)
    2 3 Shape(pieces=22, texts=1)
    3 4 Shape(pieces=902, texts=1)
    4 5 Shape(pieces=7, texts=1)

    Args:
        counts: pieces of each text, shape (n,).

    """
    ends = np.concatenate([[0], np.cumsum(np.asarray(counts, dtype=np.int64) + GAP)])
    start = 0
    while start < len(counts):
        stop = max(start + 1, int(np.searchsorted(ends, ends[start] + _ENOUGH, side="right")) - 1)
        yield PackedTexts(start, stop, Shape(int(ends[stop] - ends[start]), stop - start))
        start = stop


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

"""Plan and layout of packed sequences."""

import doctest

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from worker.models.encoder import packing
from worker.models.encoder.packing import (
    GAP,
    GPU_FIXED_COST,
    GPU_SHAPES,
    LONGEST,
    SHAPES,
    Shape,
    lay_out,
    plan,
    sequences,
)


@given(st.lists(st.integers(1, 2_003), max_size=200) | st.lists(st.integers(1, 40), max_size=1_100))
def test_sequences_hold_every_text_once_in_order(counts: list[int]) -> None:
    """Texts of any length: each is in one sequence, in order, and no sequence exceeds its shape."""
    planned = list(plan(np.array(counts, dtype=np.int64)))
    assert [i for packed in planned for i in range(packed.start, packed.stop)] == list(range(len(counts)))
    for start, stop, shape in planned:
        assert shape in SHAPES
        assert 0 < stop - start <= shape.texts
        assert sum(counts[start:stop]) + GAP * (stop - start) <= shape.pieces


@given(st.lists(st.integers(1, 2_003), max_size=200))
def test_sequences_of_any_length_are_filled_and_bounded(counts: list[int]) -> None:
    """Each text is in one sequence, in order; a sequence has 512 pieces at most, or one text, and no empty place."""
    planned = list(sequences(np.array(counts, dtype=np.int64)))
    assert [i for packed in planned for i in range(packed.start, packed.stop)] == list(range(len(counts)))
    for start, stop, shape in planned:
        assert shape == (sum(counts[start:stop]) + GAP * (stop - start), stop - start)
        assert shape.pieces <= 512 or shape.texts == 1


@given(st.lists(st.integers(20, 30), min_size=1, max_size=2_000))
def test_little_of_a_sequence_is_empty(counts: list[int]) -> None:
    """Of sequences of tweets at most a fifth is empty, except the last ones; empty places cost as much as padding."""
    planned = list(plan(np.array(counts)))
    pieces = sum(counts) + GAP * len(counts)
    assert sum(packed.shape.pieces for packed in planned) <= pieces * 1.25 + 2 * SHAPES[1].pieces


def test_two_zero_pieces_follow_each_text() -> None:
    """A convolution over five pieces reaches two to each side: a smaller gap would mix neighbouring tweets."""
    ids, owners, counts = lay_out(np.array([7, 8, 9, 5, 6]), np.array([3, 2]), Shape(12, 3), filler=99)
    assert ids.tolist() == [7, 8, 9, 99, 99, 5, 6, 99, 99, 99, 99, 99]
    assert owners.tolist() == [0, 0, 0, -1, -1, 1, 1, -1, -1, -1, -1, -1]
    assert counts.tolist() == [3, 2, 1]


def test_the_worked_examples_are_right() -> None:
    """The sequences in the docstrings of `plan`, `sequences` and `lay_out` are the code's own."""
    assert doctest.testmod(packing) == (0, 4)


def test_a_gpu_has_a_few_shapes_that_hold_every_text() -> None:
    """The GPU's memory stops growing when each shape has been used; the longest text fits."""
    counts = np.array([LONGEST, *[24] * 700, 1])
    planned = list(plan(counts, GPU_SHAPES, GPU_FIXED_COST))
    assert {packed.shape for packed in planned} <= {*GPU_SHAPES}
    assert [packed.start for packed in planned] == [0, *(packed.stop for packed in planned[:-1])]
    assert planned[-1].stop == len(counts)
    assert GPU_SHAPES[-1] in {packed.shape for packed in planned}

"""Texts in a row."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models.compute_dtype import compute_dtype
from worker.models.packed_encoder import GAP, SHAPES, Shape, lay_out, plan
from worker.models.tensorflow import tensorflow


@given(st.lists(st.integers(1, 2_003), max_size=200) | st.lists(st.integers(1, 40), max_size=1_100))
def test_rows_hold_every_text_once_in_order(counts: list[int]) -> None:
    """However long the texts: none is lost, none twice, and a row is never larger than the shape it is compiled for."""
    rows = list(plan(np.array(counts, dtype=np.int64)))
    assert [i for row in rows for i in range(row.start, row.stop)] == list(range(len(counts)))
    for row in rows:
        assert row.shape in SHAPES
        assert 0 < row.stop - row.start <= row.shape.texts
        assert sum(counts[row.start : row.stop]) + GAP * (row.stop - row.start) <= row.shape.pieces


@given(st.lists(st.integers(20, 30), min_size=1, max_size=2_000))
def test_little_of_a_row_is_empty(counts: list[int]) -> None:
    """Work on empty places is the padding that rows are there to avoid: of tweets at most a fifth, but for the last."""
    rows = list(plan(np.array(counts)))
    pieces = sum(counts) + GAP * len(counts)
    assert sum(row.shape.pieces for row in rows) <= pieces * 1.25 + 2 * SHAPES[1].pieces


def test_two_zero_pieces_stand_after_each_text() -> None:
    """A convolution over five pieces sees two to each side: with less between, tweets would colour each other."""
    ids, owners, counts = lay_out(np.array([7, 8, 9, 5, 6]), np.array([3, 2]), Shape(12, 3), filler=99)
    assert ids.tolist() == [7, 8, 9, 99, 99, 5, 6, 99, 99, 99, 99, 99]
    assert owners.tolist() == [0, 0, 0, -1, -1, 1, 1, -1, -1, -1, -1, -1]
    assert counts.tolist() == [3, 2, 1]


@pytest.mark.parametrize(
    ("flags", "off", "name"),
    [
        ("fpu avx512f avx512_bf16 amx_bf16", "1", "bfloat16"),
        ("fpu avx512f avx512_bf16", "1", "bfloat16"),
        ("fpu avx2 avx512f", "1", "float32"),
        ("fpu amx_bf16", "0", "float32"),
    ],
)
def test_bfloat16_is_for_cpus_that_have_it(
    flags: str, off: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emulated it would be many times slower than float32, as it would be with oneDNN turned off."""
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", off)
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    if tensorflow().config.list_logical_devices("GPU"):
        pytest.skip("a GPU is asked instead")
    assert compute_dtype(tensorflow(), tmp_path / "cpuinfo").name == name


def test_a_machine_that_does_not_say_has_float32(tmp_path: Path) -> None:
    """Not all systems have /proc/cpuinfo."""
    assert compute_dtype(tensorflow(), tmp_path / "cpuinfo") == tensorflow().float32

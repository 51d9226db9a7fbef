"""The rows of the pieces."""

import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from worker.models.encoder import pieces
from worker.models.encoder.pieces import PieceTable, PieceWeights, load_piece_weights


@pytest.fixture(scope="module")
def weights(sample_artifact: Path) -> PieceWeights:
    """Return the weights of the sample artifact's pieces."""
    return load_piece_weights(sample_artifact / "use")


def test_a_row_does_not_depend_on_the_rows_beside_it(weights: PieceWeights) -> None:
    """Two workers, and a worker after a restart, give a text the same vector, whatever they have read before."""
    ids = np.random.default_rng(1).permutation(2_000)
    together, apart = PieceTable(weights, "uint8"), PieceTable(weights, "uint8")
    expected = together.rows(ids)
    for start, stop in pairwise([0, 1, 3, 70, 500, 2_000]):
        apart.rows(ids[start:stop])
    for name, found in apart.rows(ids).items():
        np.testing.assert_array_equal(found, expected[name], err_msg=name)


def test_bytes_are_the_floats_rounded(weights: PieceWeights) -> None:
    """Both types hold the same inputs; a byte is off by half of its scale at most."""
    ids = np.arange(0, 100_000, 331)
    floats = PieceTable(weights, "float16").inputs(ids).astype(np.float32)
    whole = (PieceTable(weights, "uint8").inputs(ids).astype(np.float32) - pieces.ZERO) * weights.input_scale
    assert (np.abs(whole - floats) <= 0.5 * weights.input_scale + 0.01).all()


def test_the_gap_is_zero(weights: PieceWeights) -> None:
    """What fills the gap between two texts adds nothing to either."""
    bytes_, floats = PieceTable(weights, "uint8"), PieceTable(weights, "float16")
    gap = np.array([len(weights.embeddings)])
    assert (bytes_.inputs(gap) == pieces.ZERO).all()
    assert not floats.inputs(gap).any()


def resident() -> int:
    """Return the memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_only_pieces_that_occur_take_memory(weights: PieceWeights) -> None:
    """A worker's memory grows with the pieces of its stream, not with the vocabulary of 16 languages."""
    before = resident()
    table = PieceTable(weights, "float16")
    table.rows(np.arange(1_000))
    assert resident() - before < 20e6, "all rows would take 197 MB"


def test_a_row_is_computed_once(weights: PieceWeights, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two batches that need the same pieces at the same time share the work, and see the same rows."""
    computed: list[int] = []
    project = PieceWeights.project

    def recorded(own: PieceWeights, embedded: np.ndarray) -> np.ndarray:
        computed.append(len(embedded))
        return project(own, embedded)

    monkeypatch.setattr(PieceWeights, "project", recorded)
    table, ids, found = PieceTable(weights, "uint8"), np.arange(640), list[np.ndarray]()
    work: Callable[[], None] = lambda: found.append(table.inputs(ids))  # noqa: E731
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(computed) == 640
    assert all((other == found[0]).all() for other in found)

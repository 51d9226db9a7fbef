"""The piece network."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models import piece_network
from worker.models.piece_network import PieceNetwork

PIECES, FEATURES = 7, 3
texts = st.lists(st.lists(st.integers(0, PIECES - 1), max_size=6), max_size=16)


def network() -> PieceNetwork:
    """Return a network of arbitrary parameters that half precision holds exactly."""
    draw = np.random.default_rng(0)
    features = draw.uniform(0, 1, (PIECES, FEATURES)).astype(np.float16).astype(np.float32)
    seen = np.arange(PIECES) % 3 > 0
    rest = (draw.uniform(0.1, 3, PIECES), draw.normal(size=2 * FEATURES), draw.normal(size=1), seen)
    return PieceNetwork(features, *(part.astype(np.float32) for part in rest))


def packed(pieces: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ids of all texts and the bounds between them."""
    return np.array([i for text in pieces for i in text], dtype=np.int32), np.cumsum([0, *map(len, pieces)])


@given(texts)
def test_a_batch_gives_what_each_text_gives_alone(pieces: list[list[int]]) -> None:
    """The log-odds are those of the definition in batches of any size; a text without pieces has the bias."""
    net = network()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(piece_network, "_MANY", 8)
        found = net.log_odds(*packed(pieces))
    for ids, value in zip(pieces, found, strict=True):
        pooled = np.zeros(2 * FEATURES)
        if ids:
            mean = np.average(net.features[ids], axis=0, weights=net.salience[ids])
            pooled = np.concatenate([mean, net.features[ids].max(axis=0)])
        assert value == pytest.approx(net.bias[0] + pooled @ net.weights, abs=1e-5)


@given(texts)
def test_the_known_share_is_of_the_pieces(pieces: list[list[int]]) -> None:
    """The worker's evidence is divided by how much of a text training has seen; of no pieces nothing is known."""
    shares = [np.mean([piece % 3 > 0 for piece in text]) if text else 0 for text in pieces]
    assert network().known(*packed(pieces)) == pytest.approx(np.array(shares))


def test_a_saved_network_is_the_same(tmp_path: Path) -> None:
    """Training and the worker compute the same probabilities."""
    net, path = network(), tmp_path / "network.npz"
    net.save(path)
    for before, after in zip(net, PieceNetwork.load(path), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_network_with_pickled_objects_is_refused(tmp_path: Path) -> None:
    """Loading an artifact runs no code of it."""
    path = tmp_path / "network.npz"
    np.savez(path, **{**network()._asdict(), "features": np.array([print], dtype=object)})
    with pytest.raises(ValueError, match="allow_pickle=False"):
        PieceNetwork.load(path)

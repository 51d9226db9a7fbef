"""Soft targets."""

import numpy as np

from training.models.use_pieces.soft_targets import soft_targets


def unit_vectors(n: int, seed: int) -> np.ndarray:
    """Return random unit vectors, shape (n, 4)."""
    vectors = np.random.default_rng(seed).normal(size=(n, 4)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_a_soft_target_ignores_its_own_label() -> None:
    """A disaster among other tweets with the same vector is softened to what they say."""
    vectors = np.vstack([np.tile(unit_vectors(1, 1), (21, 1)), np.tile(-unit_vectors(1, 1), (21, 1))])
    found, _ = soft_targets(vectors, np.array([1] + [0] * 20 + [1] * 21), vectors[:0])
    assert found[0] < 0.15
    assert found[-1] > 0.85


def test_unlabelled_texts_get_a_target_too() -> None:
    """An unlabelled text next to disasters is called one."""
    disasters, others = np.tile(unit_vectors(1, 1), (20, 1)), np.tile(-unit_vectors(1, 1), (20, 1))
    _, p = soft_targets(np.vstack([disasters, others]), np.repeat([1, 0], 20), np.vstack([disasters[:1], others[:1]]))
    assert p[0] > 0.85
    assert p[1] < 0.15

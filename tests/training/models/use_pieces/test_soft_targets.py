"""Soft targets."""

import numpy as np
import pytest

from training.models.use_pieces.soft_targets import soft_targets


def unit_vectors(n: int, seed: int) -> np.ndarray:
    """Return random unit vectors, shape (n, 4)."""
    vectors = np.random.default_rng(seed).normal(size=(n, 4)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_a_soft_target_is_what_the_others_say() -> None:
    """The closed form is what a model without the text predicts for it, up to the mean, which all texts share."""
    vectors, targets = unit_vectors(40, 1), np.random.default_rng(2).integers(0, 2, 40)
    found, _ = soft_targets(vectors, targets, vectors[:0])
    mean = (2.0 * targets - 1).mean()
    for i in range(40):
        rest = np.delete(np.arange(40), i)
        kernel = np.exp(2 * vectors @ vectors.T - 2).astype(np.float64)
        weights = np.linalg.solve(kernel[np.ix_(rest, rest)] + np.eye(39), 2.0 * targets[rest] - 1 - mean)
        expected = kernel[i, rest] @ weights + mean
        assert np.log(found[i] / (1 - found[i])) / 2.5 == pytest.approx(expected, abs=1e-4)


def test_unlabelled_texts_get_a_target_too() -> None:
    """An unlabelled text next to disasters is called one."""
    disasters, others = np.tile(unit_vectors(1, 1), (20, 1)), np.tile(-unit_vectors(1, 1), (20, 1))
    _, p = soft_targets(np.vstack([disasters, others]), np.repeat([1, 0], 20), np.vstack([disasters[:1], others[:1]]))
    assert p[0] > 0.85
    assert p[1] < 0.15

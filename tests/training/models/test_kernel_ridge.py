"""Kernel ridge regression with landmarks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.models import kernel_ridge
from training.models.kernel_ridge import KernelRidge, gaussian_kernel, unit


def drawn(n: int, seed: int, d: int = 4) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return random unit vectors, shape (n, d), and targets that follow their first number, with noise."""
    rng = np.random.default_rng(seed)
    vectors = unit(rng.normal(size=(n, d)).astype(np.float32))
    return vectors, (vectors[:, 0] + 0.3 * rng.normal(size=n) > 0).astype(np.int64)


def exact(vectors: NDArray[np.float32], targets: NDArray[np.int64], mean: float, x: NDArray[np.float32]) -> np.ndarray:
    """Return the predictions of the regression with the whole kernel."""
    kernel = gaussian_kernel(vectors, vectors).astype(np.float64)
    weights = np.linalg.solve(kernel + np.eye(len(vectors)), 2.0 * targets - 1 - mean)
    return np.asarray(gaussian_kernel(x, vectors) @ weights + mean)


def test_with_every_vector_a_landmark_it_is_the_whole_regression() -> None:
    """The landmarks are the only approximation."""
    vectors, targets = drawn(60, 1)
    others, _ = drawn(20, 2)
    machine = KernelRidge(vectors, targets, landmarks=60)
    assert machine.margins(others) == pytest.approx(exact(vectors, targets, machine.mean, others), abs=5e-3)


def test_a_left_out_margin_is_what_the_others_say() -> None:
    """The closed form is what a regression without the vector predicts for it, up to the mean, which all share."""
    vectors, targets = drawn(40, 1)
    machine = KernelRidge(vectors, targets, landmarks=40)
    found = machine.left_out_margins(vectors, targets)
    for i in range(40):
        rest = np.delete(np.arange(40), i)
        expected = exact(vectors[rest], targets[rest], machine.mean, vectors[i : i + 1])
        assert found[i] == pytest.approx(expected[0], abs=2e-3)


def test_few_landmarks_are_nearly_as_good() -> None:
    """A fifth of the vectors as landmarks gives nearly the predictions of the whole kernel, and the size they ask."""
    vectors, targets = drawn(500, 1, d=8)
    others, others_targets = drawn(500, 2, d=8)
    machine = KernelRidge(vectors, targets, landmarks=100)
    assert (machine.landmarks.shape, machine.weights.shape) == ((100, 8), (100,))
    whole = exact(vectors, targets, machine.mean, others)
    assert np.corrcoef(machine.margins(others), whole)[0, 1] > 0.97
    accuracies = [((margins >= 0) == others_targets).mean() for margins in (machine.margins(others), whole)]
    assert accuracies[0] > accuracies[1] - 0.02


def test_parts_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors are taken in parts, which bounds memory and changes no prediction."""
    vectors, targets = drawn(100, 3)
    whole = KernelRidge(vectors, targets, landmarks=30)
    monkeypatch.setattr(kernel_ridge, "_CHUNK", 7)
    parts = KernelRidge(vectors, targets, landmarks=30)
    assert parts.margins(vectors) == pytest.approx(whole.margins(vectors), abs=1e-4)
    assert parts.left_out_margins(vectors, targets) == pytest.approx(whole.left_out_margins(vectors, targets), abs=1e-3)


def test_equal_vectors_and_equal_targets_are_no_problem() -> None:
    """A hundred copies of two texts make the kernel singular; one class alone leaves nothing to separate."""
    vectors, _ = drawn(2, 1)
    copies, targets = np.repeat(vectors, 50, axis=0), np.repeat([0, 1], 50)
    margins = KernelRidge(copies, targets, landmarks=80).margins(vectors)
    assert margins[0] < -0.5
    assert margins[1] > 0.5
    assert KernelRidge(copies, np.ones(100, np.int64), landmarks=80).margins(vectors) == pytest.approx(1)
    assert KernelRidge(copies, targets, landmarks=80).margins(vectors[:0]).shape == (0,)

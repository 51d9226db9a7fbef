"""Kernel ridge regression on unit vectors, in a time that grows linearly with their number.

Regression on targets of -1 and 1 with a Gaussian kernel classifies as a support vector machine does (least-squares SVM,
Suykens and Vandewalle 1999). The kernel is taken to some of the training vectors only, the landmarks (Nystroem
features, Williams and Seeger 2001): training n vectors costs n times the square of the landmarks' number, and a
prediction a product with each landmark.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from worker.types import Floats

GAMMA = 1.0
_RIDGE = 1.0
_JITTER = 1e-3  # on the landmarks' kernel, which near-duplicates would make singular
_CHUNK = 8192  # vectors whose features are in memory at once

Vectors = NDArray[np.float32]


class KernelRidge:
    """A trained regression.

    Args:
        vectors: of length 1, shape (n, d).
        targets: 0 or 1, shape (n,).
        landmarks: their number, at most; drawn from the vectors, the same in every run; repeated ones count once.

    Attributes:
        landmarks: shape (m, d).
        weights: of the kernel to each landmark, shape (m,).
        mean: of the targets as -1 and 1, to which a prediction far from all landmarks goes.

    """

    def __init__(self, vectors: Vectors, targets: NDArray[np.int64], landmarks: int) -> None:
        drawn = np.random.default_rng(0).permutation(len(vectors))[:landmarks]
        self.landmarks = _distinct(vectors[np.sort(drawn)])
        size = np.eye(len(self.landmarks), dtype=np.float32)
        self._root = cholesky(gaussian_kernel(self.landmarks, self.landmarks) + _JITTER * size, lower=True)
        signs = 2.0 * targets - 1
        self.mean = float(signs.mean())
        gram, moments = _RIDGE * size, np.zeros(len(size))
        for rows in _chunks(len(vectors)):
            features = self._features(vectors[rows])
            gram += features @ features.T
            moments += features @ (signs[rows] - self.mean)
        self._gram_root = cholesky(gram, lower=True)
        self.weights: Floats = solve_triangular(
            self._root, cho_solve((self._gram_root, True), moments), lower=True, trans="T"
        )

    def margins(self, vectors: Vectors) -> Floats:
        """Return predictions of vectors, shape (n, d): most lie between -1, no disaster, and 1; shape (n,)."""
        parts = [gaussian_kernel(vectors[rows], self.landmarks) @ self.weights for rows in _chunks(len(vectors))]
        return np.asarray(np.concatenate([np.empty(0), *parts]) + self.mean)

    def left_out_margins(self, vectors: Vectors, targets: NDArray[np.int64]) -> Floats:
        """Return predictions of the training vectors, each without its own target, shape (n,).

        They have a closed form (Rasmussen and Williams 2006, section 5.4.2); the mean and the landmarks stay.
        """
        signs = 2.0 * targets - 1
        whitening = solve_triangular(self._gram_root, self._inverse_root(), lower=True)
        parts = [self._with_leverages(whitening, vectors[rows]) for rows in _chunks(len(vectors))]
        margins, leverages = np.concatenate(parts, axis=1)
        return np.asarray(signs - (signs - margins) / (1 - leverages))

    def _with_leverages(self, whitening: Vectors, vectors: Vectors) -> Floats:
        """Return the margins, and how much each vector's own target counts for its own, shape (2, n)."""
        kernel = gaussian_kernel(self.landmarks, vectors)
        return np.stack([self.weights @ kernel + self.mean, np.square(whitening @ kernel).sum(axis=0)])

    def _inverse_root(self) -> Vectors:
        return np.asarray(solve_triangular(self._root, np.eye(len(self._root), dtype=np.float32), lower=True))

    def _features(self, vectors: Vectors) -> Vectors:
        """Return features, shape (m, n), whose products are the kernel as the landmarks see it."""
        return np.asarray(solve_triangular(self._root, gaussian_kernel(self.landmarks, vectors), lower=True))


def gaussian_kernel(a: Vectors, b: Vectors) -> Vectors:
    """Return the Gaussian kernel of unit vectors, exp(-gamma |a - b|^2), shape (len(a), len(b))."""
    return np.asarray(np.exp(2 * GAMMA * (a @ b.T) - 2 * GAMMA), dtype=np.float32)


def unit(vectors: Vectors) -> Vectors:
    """Return the vectors, shape (n, d), scaled to length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _distinct(vectors: Vectors) -> Vectors:
    """Return the vectors in their order, without repeated ones: reviewed tweets are repeated to weigh more."""
    return vectors[np.sort(np.unique(vectors, axis=0, return_index=True)[1])]


def _chunks(n: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, n, _CHUNK))

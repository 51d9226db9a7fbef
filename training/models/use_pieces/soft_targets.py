"""Soft targets: what a strong model on the sentence encoder says of texts that it was not trained on.

The model is a kernel ridge regression, whose leave-one-out predictions have a closed form: one matrix is inverted for
all of them (Rasmussen and Williams 2006, section 5.4.2). A small model that is trained on soft targets instead of 0 and
1 learns what the strong one knows of each text (distillation, Hinton, Vinyals and Dean 2015), also of unlabelled ones.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from worker.cascade.calibration import logistic
from worker.types import Floats

_GAMMA = 1.0
_RIDGE = 1.0
_SLOPE = 2.5  # log-odds for each unit of the prediction, which lies between -1 and 1 for most texts

Vectors = NDArray[np.float32]


def soft_targets(vectors: Vectors, targets: NDArray[np.int64], unlabelled: Vectors) -> tuple[Floats, Floats]:
    """Return P(disaster) of the labelled texts, each predicted without its own target, and of the unlabelled ones.

    Args:
        vectors: unit vectors of the labelled texts, shape (n, d).
        targets: 0 or 1, shape (n,).
        unlabelled: unit vectors, shape (m, d).

    Returns:
        Arrays of shapes (n,) and (m,).

    """
    signs = 2.0 * targets - 1
    root = np.linalg.cholesky(_kernel(vectors, vectors) + _RIDGE * np.eye(len(vectors), dtype=np.float32))
    inverse_root = solve_triangular(root, np.eye(len(vectors), dtype=np.float32), lower=True)
    weights = inverse_root.T @ (inverse_root @ (signs - signs.mean()))
    left_out = signs - weights / np.square(inverse_root).sum(axis=0)  # the diagonal of the inverse
    others = _kernel(unlabelled, vectors) @ weights + signs.mean()
    return logistic(_SLOPE * left_out), logistic(_SLOPE * others)


def _kernel(a: Vectors, b: Vectors) -> Vectors:
    """Return the Gaussian kernel of unit vectors, exp(-gamma |a - b|^2), shape (len(a), len(b))."""
    return np.asarray(np.exp(2 * _GAMMA * (a @ b.T) - 2 * _GAMMA), dtype=np.float32)

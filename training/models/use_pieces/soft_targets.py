"""Soft targets: what a strong model on the sentence encoder says of texts that it was not trained on.

A small model that is trained on soft targets instead of 0 and 1 learns what the strong one knows of each text
(distillation, Hinton, Vinyals and Dean 2015), also of unlabelled ones.
"""

import numpy as np
from numpy.typing import NDArray

from training.models.kernel_ridge import KernelRidge, Vectors
from worker.cascade.calibration import logistic
from worker.types import Floats

_LANDMARKS = 1500
_SLOPE = 2.5  # log-odds for each unit of the margin


def soft_targets(vectors: Vectors, targets: NDArray[np.int64], unlabelled: Vectors) -> tuple[Floats, Floats]:
    """Return P(disaster) of the labelled texts, each predicted without its own target, and of the unlabelled ones.

    Args:
        vectors: unit vectors of the labelled texts, shape (n, d).
        targets: 0 or 1, shape (n,).
        unlabelled: unit vectors, shape (m, d).

    Returns:
        Arrays of shapes (n,) and (m,).

    """
    strong = KernelRidge(vectors, targets, _LANDMARKS)
    margins = strong.left_out_margins(vectors, targets), strong.margins(unlabelled)
    labelled, others = (logistic(_SLOPE * margin) for margin in margins)
    return labelled, others

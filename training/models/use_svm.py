"""A support vector machine on the frozen Universal Sentence Encoder."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from training.models.base import Resources
from training.models.clean import CleanModel
from training.models.head import Head
from worker.models.encoder.packed_encoder import DIMENSIONS
from worker.models.tensorflow import KerasModel, keras
from worker.types import Floats

GAMMA = 1.0
_COST = 1.0
_SLOPE = 2.0  # log-odds per unit of the margin: the most likely of 1, 1.5, 2, 2.5, 3, 4 in cross-validation


def build_use_svm(resources: Resources) -> CleanModel:
    """Return an untrained support vector machine on the encoder."""
    return CleanModel(UseSvm(resources))


class UseSvm(Head):
    """An SVM with a Gaussian kernel (Cortes and Vapnik 1995), served as a Keras network of two layers.

    USE's vectors have length 1, so that exp(-gamma |x - s|^2) equals exp(2 gamma (x . s) - 2 gamma): a dense layer
    with an exponential activation. The network computes the same margins several times faster than scikit-learn.
    """

    def __init__(self, resources: Resources) -> None:
        self.encoder = resources.encoder

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.array([0, 1])

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch."""
        from sklearn.svm import SVC

        machine = SVC(C=_COST, gamma=GAMMA, cache_size=500).fit(unit(self.encoder.encode(texts)), targets)
        self.network = _as_network(machine.support_vectors_, machine.dual_coef_[0], float(machine.intercept_[0]))
        return self


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vectors, shape (n, d), scaled to length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _as_network(support: Floats, weights: Floats, bias: float) -> KerasModel:
    """Return the network of a machine with these support vectors, shape (n, 512), and dual coefficients, shape (n,)."""
    layers = keras().layers
    network = keras().Sequential(
        [
            layers.Input((DIMENSIONS,)),
            layers.UnitNormalization(),
            layers.Dense(len(support), activation="exponential"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    network.set_weights(
        [
            2 * GAMMA * support.T,
            np.full(len(support), -2 * GAMMA),
            _SLOPE * weights[:, np.newaxis],
            np.array([_SLOPE * bias]),
        ]
    )
    return network

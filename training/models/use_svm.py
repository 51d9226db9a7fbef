"""A least-squares support vector machine on a frozen sentence encoder."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from training.models.base import Resources
from training.models.cached_encoder import CachedEncoder
from training.models.clean import CleanModel
from training.models.head import Head
from training.models.kernel_ridge import GAMMA, KernelRidge, unit
from worker.models.tensorflow import KerasModel, keras

_LANDMARKS = 2000
_SLOPE = 3.0  # log-odds for each unit of the margin: by maximum likelihood 3.2 in cross-validation


def build_use_svm(resources: Resources) -> CleanModel:
    """Return an untrained machine on the encoder."""
    return CleanModel(Svm(resources.encoder))


class Svm(Head):
    """A kernel ridge regression (`training.models.kernel_ridge`), served as a Keras network of two layers.

    The vectors have length 1, so that exp(-gamma |x - s|^2) equals exp(2 gamma (x . s) - 2 gamma): a dense layer
    with an exponential activation. There are 2,000 landmarks at most, however many tweets train it.
    """

    def __init__(self, encoder: CachedEncoder) -> None:
        self.encoder = encoder

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.array([0, 1])

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch."""
        self.network = _as_network(KernelRidge(unit(self.encoder.encode(texts)), targets, _LANDMARKS))
        return self


def _as_network(machine: KernelRidge) -> KerasModel:
    """Return the network of a machine."""
    landmarks = machine.landmarks
    layers = keras().layers
    network = keras().Sequential(
        [
            layers.Input((landmarks.shape[1],)),
            layers.UnitNormalization(),
            layers.Dense(len(landmarks), activation="exponential"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    network.set_weights(
        [
            2 * GAMMA * landmarks.T,
            np.full(len(landmarks), -2 * GAMMA),
            _SLOPE * machine.weights[:, np.newaxis],
            np.array([_SLOPE * machine.mean]),
        ]
    )
    return network

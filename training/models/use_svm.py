"""A support vector machine on the frozen Universal Sentence Encoder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from training.models.base import Resources, Saved, Size
from training.models.clean import CleanModel
from training.use import ENCODER_FOLDER
from worker.models.tensorflow import keras
from worker.models.use import DIMENSIONS, UseClassifier
from worker.types import Floats

GAMMA = 1.0
_COST = 1.0
_SLOPE = 2.0  # log-odds for each unit of the margin: of 1, 1.5, 2, 2.5, 3, 4 the likeliest on the folds


def build_use_svm(resources: Resources) -> CleanModel:
    """Return an untrained support vector machine on the encoder."""
    return CleanModel(UseSvm(resources))


class UseSvm:
    """An SVM with a Gaussian kernel (Cortes and Vapnik 1995), served as a Keras network of two layers.

    USE's vectors have length 1, so that exp(-gamma |x - s|^2) is exp(2 gamma (x . s) - 2 gamma): a dense layer with
    an exponential activation. It is the same machine, several times faster than scikit-learn's own.
    """

    network: Any  # Keras has no types

    def __init__(self, resources: Resources) -> None:
        self._encoder = resources.encoder

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.array([0, 1])

    @property
    def size(self) -> Size:
        """The support vectors and their weights are learned; the encoder's parameters are not."""
        return Size(self._encoder.parameters + self.network.count_params(), self.network.count_params())

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch."""
        from sklearn.svm import SVC

        machine = SVC(C=_COST, gamma=GAMMA, cache_size=500).fit(_unit(self._encoder.encode(texts)), targets)
        self.network = _as_network(machine.support_vectors_, machine.dual_coef_[0], float(machine.intercept_[0]))
        return self

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return UseClassifier(self._encoder, self.network).predict_proba(texts)

    def save(self, folder: Path, name: str) -> Saved:
        """Write the machine; the encoder is in the artefact already."""
        self.network.save(folder / f"{name}.keras")
        return Saved("use", {"encoder": ENCODER_FOLDER, "head": f"{name}.keras"})


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _as_network(support: Floats, weights: Floats, bias: float) -> Any:  # noqa: ANN401 (Keras has no types)
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

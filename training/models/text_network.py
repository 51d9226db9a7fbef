"""The course's networks on words: models 1 to 5."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.models.base import Resources, Saved, Size
from training.models.network import Network
from worker.models.keras import KerasClassifier
from worker.models.tensorflow import Keras, KerasLayer, KerasModel, Tensor, keras, tensorflow
from worker.types import Floats

VOCABULARY = 10_000
DIMENSIONS = 128
UNITS = 64

Layers = Callable[[Keras], list[KerasLayer]]

ARCHITECTURES: dict[str, Layers] = {
    "simple_dense": lambda layers: [layers.GlobalAveragePooling1D()],
    "lstm": lambda layers: [layers.LSTM(UNITS)],
    "gru": lambda layers: [layers.GRU(UNITS)],
    "bidirectional": lambda layers: [layers.Bidirectional(layers.LSTM(UNITS))],
    "conv1d": lambda layers: [layers.Conv1D(32, 5, activation="relu"), layers.GlobalMaxPooling1D()],
}
"""The layers between embedding and output of each network, built from `keras.layers`."""


def build_text_network(name: str, resources: Resources) -> "TextNetwork":
    """Return an untrained network."""
    return TextNetwork(ARCHITECTURES[name], resources)


class TextNetwork(Network):
    """Word ids, a trained embedding, the architecture's layers, Dense 1 sigmoid.

    It takes strings, so that the saved model includes the vocabulary.
    """

    _classifier: KerasClassifier

    def __init__(self, architecture: Layers, resources: Resources) -> None:
        super().__init__(resources)
        self._architecture = architecture

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch."""
        super().fit(texts, targets)
        self._classifier = KerasClassifier(self.network)
        return self

    def build(self, texts: Sequence[str]) -> KerasModel:
        """Return an untrained network with the vocabulary of the texts."""
        layers = keras().layers
        return keras().Sequential(
            [
                layers.Input((), dtype="string"),
                build_vectorizer(texts),
                layers.Embedding(VOCABULARY, DIMENSIONS, embeddings_initializer="uniform"),
                *self._architecture(layers),
                layers.Dense(1, activation="sigmoid"),
            ]
        )

    def inputs(self, texts: Sequence[str]) -> Tensor:
        """Return the texts as a tensor of strings, shape (n,)."""
        return tensorflow().constant(list(texts))

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return self._classifier.predict_proba(texts)

    @property
    def size(self) -> Size:
        """Number of parameters; all are trained."""
        return Size(self.network.count_params(), self.network.count_params())

    def save(self, folder: Path, name: str) -> Saved:
        """Write the model, including its vocabulary."""
        self.network.save(folder / f"{name}.keras")
        return Saved("keras", {"model": f"{name}.keras"}, network=self.network)


def build_vectorizer(texts: Sequence[str]) -> KerasLayer:
    """Return a TextVectorization with the vocabulary of the texts; its length is the mean number of words."""
    length = round(float(np.mean([len(text.split()) for text in texts])))
    options = {"max_tokens": VOCABULARY, "output_sequence_length": max(1, length)}
    learner = keras().layers.TextVectorization(**options)
    learner.adapt(tensorflow().constant(list(texts)))
    # HDF5 saves a layer's settings but not its adapted state: the vocabulary must be a setting.
    return keras().layers.TextVectorization(**options, vocabulary=learner.get_vocabulary())

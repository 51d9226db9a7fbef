"""The course's networks on words: models 1 to 5."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from training.models.base import Resources, Saved, Size
from worker.models.keras import KerasClassifier
from worker.models.tensorflow import keras, tensorflow
from worker.types import Floats

VOCABULARY = 10_000
DIMENSIONS = 128
UNITS = 64
EPOCHS = 5

Layers = Callable[[Any], list[Any]]

ARCHITECTURES: dict[str, Layers] = {
    "simple_dense": lambda layers: [layers.GlobalAveragePooling1D()],
    "lstm": lambda layers: [layers.LSTM(UNITS)],
    "gru": lambda layers: [layers.GRU(UNITS)],
    "bidirectional": lambda layers: [layers.Bidirectional(layers.LSTM(UNITS))],
    "conv1d": lambda layers: [layers.Conv1D(32, 5, activation="relu"), layers.GlobalMaxPooling1D()],
}
"""What stands between the embedding and the output of each network, given `keras.layers`."""


def build_text_network(name: str, resources: Resources) -> "TextNetwork":
    """Return an untrained network."""
    return TextNetwork(ARCHITECTURES[name], resources.seed)


class TextNetwork:
    """Word ids, an embedding of its own, the architecture's layers, Dense 1 sigmoid; strings in, so it saves whole."""

    def __init__(self, architecture: Layers, seed: int) -> None:
        self._architecture = architecture
        self._seed = seed
        self._model: Any = None
        self._classifier: KerasClassifier

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.array([0, 1])

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch: Adam, binary cross-entropy, 5 epochs."""
        keras().utils.set_random_seed(self._seed)
        self._model = self._build(texts)
        self._model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
        self._model.fit(tensorflow().constant(list(texts)), targets, epochs=EPOCHS, verbose=0)
        self._classifier = KerasClassifier(self._model)
        return self

    def _build(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 (Keras has no types)
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

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return self._classifier.predict_proba(texts)

    @property
    def size(self) -> Size:
        """All parameters are trained."""
        return Size(self._model.count_params(), self._model.count_params())

    def save(self, folder: Path, name: str) -> Saved:
        """Write the model, its vocabulary included."""
        self._model.save(folder / f"{name}.keras")
        return Saved("keras", {"model": f"{name}.keras"})


def build_vectorizer(texts: Sequence[str]) -> Any:  # noqa: ANN401 (Keras has no types)
    """Return a TextVectorization that has learned the texts' words; as long as a text is on average, in words."""
    length = round(float(np.mean([len(text.split()) for text in texts])))
    vectorizer = keras().layers.TextVectorization(max_tokens=VOCABULARY, output_sequence_length=max(1, length))
    vectorizer.adapt(tensorflow().constant(list(texts)))
    return vectorizer

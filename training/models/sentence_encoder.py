"""A small head on the frozen Universal Sentence Encoder: the course's model 6."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from training.data import SPLIT_SEED
from training.encoder import CachedEncoder
from training.models.base import Resources, Saved, Size
from training.use import ENCODER_FOLDER
from worker.models.tensorflow import keras
from worker.models.use import DIMENSIONS, UseClassifier
from worker.types import Floats

EPOCHS = 5
_HIDDEN = 64


def build_sentence_encoder(resources: Resources) -> "SentenceEncoder":
    """Return an untrained head on the encoder."""
    return SentenceEncoder(resources.encoder, resources.seed)


def build_on_ten_percent(resources: Resources) -> "SentenceEncoder":
    """Return an untrained head that will look at a tenth of the training tweets: the course's model 7."""
    return SentenceEncoder(resources.encoder, resources.seed, share=0.1)


def build_head() -> Any:  # noqa: ANN401 (Keras has no types)
    """Return the Keras model: 512 floats, Dense 64 relu, Dense 1 sigmoid; 32,897 trainable parameters."""
    layers = keras().layers
    head = keras().Sequential(
        [
            layers.Input((DIMENSIONS,)),
            layers.Dense(_HIDDEN, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    head.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return head


class SentenceEncoder:
    """Trains the head alone, on vectors that are computed once: the same as training through a frozen layer."""

    def __init__(self, encoder: CachedEncoder, seed: int, share: float = 1.0) -> None:
        self._encoder = encoder
        self._seed = seed
        self._share = share
        self._head: Any = None

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.array([0, 1])

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train a new head, on the share of the texts; of Kaggle's 6,851, a tenth is the course's own 686."""
        texts, targets = self._part(list(texts), targets)
        keras().utils.set_random_seed(self._seed)
        self._head = build_head()
        self._head.fit(self._encoder.encode(texts), targets, epochs=EPOCHS, verbose=0)
        return self

    def _part(self, texts: list[str], targets: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
        from sklearn.model_selection import train_test_split

        if self._share == 1:
            return texts, targets
        _, part, _, part_targets = train_test_split(texts, targets, test_size=self._share, random_state=SPLIT_SEED)
        return part, part_targets

    @property
    def size(self) -> Size:
        """The head's parameters are trained; the encoder's are not."""
        return Size(self._encoder.parameters + self._head.count_params(), self._head.count_params())

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return UseClassifier(self._encoder, self._head).predict_proba(texts)

    def save(self, folder: Path, name: str) -> Saved:
        """Write the head; the encoder is in the artefact already."""
        self._head.save(folder / f"{name}.keras")
        return Saved("use", {"encoder": ENCODER_FOLDER, "head": f"{name}.keras"})

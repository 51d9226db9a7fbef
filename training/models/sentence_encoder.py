"""A small head on the frozen Universal Sentence Encoder: the course's models 6 and 7."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import SPLIT_SEED
from training.models.base import Resources
from training.models.head import Head
from training.models.network import Network
from worker.models.encoder.packed_encoder import DIMENSIONS
from worker.models.tensorflow import KerasModel, keras

_HIDDEN = 64


def build_sentence_encoder(resources: Resources) -> "SentenceEncoder":
    """Return an untrained head on the encoder: the course's model 6."""
    return SentenceEncoder(resources)


def build_on_ten_percent(resources: Resources) -> "SentenceEncoder":
    """Return an untrained head that trains on a tenth of the training tweets: the course's model 7."""
    return SentenceEncoder(resources, share=0.1)


class SentenceEncoder(Head, Network):
    """Trains only the head, on cached vectors: equivalent to training through a frozen encoder layer."""

    def __init__(self, resources: Resources, share: float = 1.0) -> None:
        super().__init__(resources)
        self.encoder = resources.encoder
        self._share = share

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train a new head on the share of the texts; a tenth of Kaggle's 6,851 is the course's own 686."""
        return super().fit(*self._take_share(list(texts), targets))

    def _take_share(self, texts: list[str], targets: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
        from sklearn.model_selection import train_test_split

        if self._share == 1:
            return texts, targets
        _, part, _, part_targets = train_test_split(texts, targets, test_size=self._share, random_state=SPLIT_SEED)
        return part, part_targets

    def build(self, texts: Sequence[str]) -> KerasModel:  # noqa: ARG002 (a head has no vocabulary)
        """Return the head: 512 floats, Dense 64 relu, Dense 1 sigmoid; 32,897 trainable parameters."""
        layers = keras().layers
        return keras().Sequential(
            [
                layers.Input((DIMENSIONS,)),
                layers.Dense(_HIDDEN, activation="relu"),
                layers.Dense(1, activation="sigmoid"),
            ]
        )

    def inputs(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the texts' embeddings, shape (n, 512)."""
        return self.encoder.encode(texts)

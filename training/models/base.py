"""The protocol of the models in the registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from training.models.cached_encoder import CachedEncoder, CachedReader
from training.models.history import Watch
from worker.models.tensorflow import KerasModel
from worker.types import Classifier


@dataclass(frozen=True)
class Resources:
    """What a builder needs besides its own settings."""

    encoder: CachedEncoder
    """The frozen sentence encoder; encodes each text once."""
    seed: int
    """Seed of all randomness in training."""
    watch: Watch | None = None
    """Records the training, if given."""
    unlabelled: Sequence[str] = ()
    """Texts without targets, from which a model may learn too."""
    other_encoder: CachedReader | None = None
    """The sentence encoder that the user gives, if any."""

    @property
    def encoders(self) -> list[CachedEncoder]:
        """All encoders."""
        return [self.encoder, *([self.other_encoder] if self.other_encoder else [])]

    def encoder_of(self, model: "TrainableClassifier") -> CachedEncoder:
        """Return the encoder that a model's `encoder_texts` are for: its attribute `encoder`, by default USE."""
        return getattr(model, "encoder", None) or self.encoder


@dataclass(frozen=True)
class Saved:
    """How the worker loads a saved model, in the manifest's terms."""

    kind: Literal["sklearn", "keras", "use", "pieces", "encoder"]
    files: dict[str, str]
    """Paths relative to the artifact, by role."""
    text: Literal["raw", "clean"] = "raw"
    """Whether the model expects texts as they are or cleaned."""
    network: KerasModel | None = None
    """The Keras model, if it is one, for those who want it in other formats."""


@dataclass(frozen=True)
class Size:
    """Number of parameters of a trained model, and of those that training sets."""

    parameters: int
    trainable: int


class TrainableClassifier(Classifier, Protocol):
    """A classifier that can be trained and saved."""

    @property
    def size(self) -> Size:
        """Size of the trained model."""

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch on texts, shape (n,), and targets, 0 or 1, shape (n,); return self."""

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:
        """Return the texts as the model passes them to the sentence encoder; empty if it does not use the encoder.

        Encoding them before training fills the encoder's cache.
        """

    def save(self, folder: Path, name: str) -> Saved:
        """Write the files that the worker needs into the artifact's folder, named after the stage."""

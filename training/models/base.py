"""What a model of the registry is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from training.models.cached_encoder import CachedEncoder
from training.models.history import Watch
from worker.types import Classifier


@dataclass(frozen=True)
class Resources:
    """What builders get."""

    encoder: CachedEncoder
    """USE, frozen; only once takes the time for a text."""
    seed: int
    watch: Watch | None = None
    """What is to be recorded of the training; nothing, if there is none."""


@dataclass(frozen=True)
class Saved:
    """How a saved model is loaded: the manifest's words."""

    kind: Literal["sklearn", "keras", "use"]
    files: dict[str, str]
    """Roles and paths relative to the artefact."""
    text: Literal["raw", "clean"] = "raw"
    """Whether it was trained on texts as they are."""


@dataclass(frozen=True)
class Size:
    """How many numbers a trained model has, and how many of them training sets."""

    parameters: int
    trainable: int


class TrainableClassifier(Classifier, Protocol):
    """A classifier that can be trained and saved."""

    @property
    def size(self) -> Size:
        """How large the trained model is."""

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch on the texts, shape (n,), and their targets, 0 or 1, shape (n,); return itself."""

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:
        """Return the texts as the model shows them to the sentence encoder; empty if it does not use the encoder.

        With these, vectors can be computed before the first fit.
        """

    def save(self, folder: Path, name: str) -> Saved:
        """Write into an artefact's folder what the worker needs, under the stage's name."""

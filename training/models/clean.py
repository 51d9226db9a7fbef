"""Models that are trained and served on cleaned texts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.models.base import Saved, Size, TrainableClassifier
from training.models.cached_encoder import CachedEncoder
from worker.models.text_cleaning import Cleaned, clean
from worker.types import Bools, Floats, ReadsSome


class CleanModel(Cleaned):
    """Wraps a model: links and mentions are shortened and wrong decoding is repaired, in training and when served."""

    def __init__(self, model: TrainableClassifier) -> None:
        super().__init__(model)
        self._model = model

    @property
    def encoder(self) -> CachedEncoder | None:
        """The wrapped model's encoder."""
        return getattr(self._model, "encoder", None)

    @property
    def size(self) -> Size:
        """Size of the wrapped model."""
        return self._model.size

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch on the cleaned texts."""
        self._model.fit([clean(text) for text in texts], targets)
        return self

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:
        """Return what the wrapped model passes to the encoder of the cleaned texts."""
        return self._model.encoder_texts([clean(text) for text in texts])

    def save(self, folder: Path, name: str) -> Saved:
        """Write the wrapped model, marked for the worker to clean its texts."""
        return replace(self._model.save(folder, name), text="clean")


class CleanReadingModel(CleanModel):
    """Wraps a model that says which texts it can read.

    Args:
        model: to wrap.
        reader: the same model, which says what it can read.

    """

    def __init__(self, model: TrainableClassifier, reader: ReadsSome) -> None:
        super().__init__(model)
        self._reader = reader

    def predict_readable(self, texts: Sequence[str], /) -> tuple[Floats, Bools]:
        """Return probabilities, and whether each cleaned text can be read."""
        return self._reader.predict_readable([clean(text) for text in texts])

"""Models that are trained on clean texts, and get them clean."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.models.base import Saved, Size, TrainableClassifier
from worker.models.text_cleaning import Cleaned, clean


class CleanModel(Cleaned):
    """A model that sees neither links nor mentions nor wrong decoding, in training as when it is served."""

    def __init__(self, model: TrainableClassifier) -> None:
        super().__init__(model)
        self._model = model

    @property
    def size(self) -> Size:
        """The model's."""
        return self._model.size

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch."""
        self._model.fit([clean(text) for text in texts], targets)
        return self

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:
        """Return what the model shows the encoder of the cleaned texts."""
        return self._model.encoder_texts([clean(text) for text in texts])

    def save(self, folder: Path, name: str) -> Saved:
        """Write the model; the worker cleans the texts."""
        return replace(self._model.save(folder, name), text="clean")

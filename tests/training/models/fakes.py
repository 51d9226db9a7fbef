"""A fake sentence encoder."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from worker.models.use import DIMENSIONS


class RecordingEncoder:
    """Returns arbitrary vectors and records the texts."""

    parameters = 0

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors, shape (n, 512)."""
        self.asked.extend(texts)
        return np.random.default_rng(1).normal(size=(len(texts), DIMENSIONS)).astype(np.float32)

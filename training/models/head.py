"""What the models on the frozen Universal Sentence Encoder have in common: a Keras head on its vectors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.encoder.export import ENCODER_FOLDER
from training.models.base import Saved, Size
from training.models.cached_encoder import CachedEncoder
from worker.models.use import UseClassifier
from worker.types import Floats


class Head:
    """Serves, measures and saves a trained head.

    Attributes:
        encoder: USE.
        network: the head, a Keras model from 512 floats to P(disaster); there from `fit` on.

    """

    encoder: CachedEncoder
    network: Any  # Keras has no types
    _served: tuple[Any, UseClassifier] | None = None

    @property
    def size(self) -> Size:
        """The head's parameters are trained; the encoder's are not."""
        return Size(self.encoder.parameters + self.network.count_params(), self.network.count_params())

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        if self._served is None or self._served[0] is not self.network:  # it takes a while to compile
            self._served = self.network, UseClassifier(self.encoder, self.network)
        return self._served[1].predict_proba(texts)

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:
        """Return the texts as they are."""
        return list(texts)

    def save(self, folder: Path, name: str) -> Saved:
        """Write the head; the encoder is in the artefact already."""
        self.network.save(folder / f"{name}.keras")
        return Saved("use", {"encoder": ENCODER_FOLDER, "head": f"{name}.keras"})

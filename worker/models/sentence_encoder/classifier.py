"""Classifiers of texts on a sentence encoder, which may be unable to read some of them."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from worker.models.encoder.confirmation import Head
from worker.models.encoder.engine import Vectors
from worker.types import Bools, Floats


class Embeds(Protocol):
    """An encoder."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return embeddings of shape (n texts, d)."""


class Reader(Embeds, Protocol):
    """An encoder that says which texts it can read."""

    def readable(self, texts: Sequence[str]) -> Bools:
        """Return whether it can read each text, shape (n texts,)."""


class EncoderClassifier:
    """A head on an encoder."""

    def __init__(self, encoder: Embeds, head: Head) -> None:
        self.classes_ = np.array([0, 1])
        self._encoder, self._head = encoder, head

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2), also of texts that the encoder cannot read."""
        p = self._head(self._encoder.encode(texts))
        return np.column_stack([1 - p, p])


class ReadingClassifier(EncoderClassifier):
    """A head on an encoder that cannot read every text."""

    def __init__(self, encoder: Reader, head: Head) -> None:
        super().__init__(encoder, head)
        self._reader = encoder

    def predict_readable(self, texts: Sequence[str], /) -> tuple[Floats, Bools]:
        """Return probabilities, and whether each text can be read; the others are not encoded."""
        readable = self._reader.readable(texts)
        found = np.full((len(texts), 2), 0.5)
        found[readable] = self.predict_proba([text for text, reads in zip(texts, readable, strict=True) if reads])
        return found, readable

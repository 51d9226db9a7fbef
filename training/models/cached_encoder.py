"""A sentence encoder with a cache."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from training.cancellation import Check, never_cancel
from worker.models.piece_network import Vocabulary
from worker.models.sentence_encoder.classifier import Reader
from worker.models.use import Encoder
from worker.types import Arithmetic, Bools

_CHUNK = 512


class ReadingEncoder(Encoder, Reader, Protocol):
    """An encoder that says which texts it can read."""


class CachedEncoder:
    """Encodes each text once: cross-validation asks for the same texts again and again."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    @property
    def parameters(self) -> int:
        """Number of parameters of the encoder."""
        return self._encoder.parameters

    @property
    def arithmetic(self) -> Arithmetic:
        """Who computes the encoder, and in which type."""
        return self._encoder.arithmetic

    @property
    def packed(self) -> Vocabulary:
        """The encoder's pieces; raises ArtifactError where it has none."""
        return self._encoder.packed

    @contextmanager
    def bypassed(self) -> Iterator[None]:
        """Start with an empty cache inside a `with`, to measure encoding times; restore the cache afterwards."""
        kept, self._vectors = self._vectors, {}
        try:
            yield
        finally:
            self._vectors = kept

    @contextmanager
    def replaced_by(self, encoder: Encoder) -> Iterator[None]:
        """Use another encoder inside a `with`, with a cache of its own: models on this one see its vectors."""
        kept = self._encoder, self._vectors
        self._encoder, self._vectors = encoder, {}
        try:
            yield
        finally:
            self._encoder, self._vectors = kept

    def encode(
        self, texts: Sequence[str], advance: Callable[[int], None] = lambda _done: None, check: Check = never_cancel
    ) -> NDArray[np.float32]:
        """Return embeddings, shape (n texts, d).

        Args:
            texts: shape (n,).
            advance: called with the number of texts done since the last call.
            check: called before each chunk; what it raises ends the work, and the vectors so far stay cached.

        """
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        advance(len(texts) - len(new))
        for start in range(0, len(new), _CHUNK):
            check()
            chunk = new[start : start + _CHUNK]
            self._vectors.update(zip(chunk, self._encoder.encode(chunk), strict=True))
            advance(len(chunk))
        vectors = [self._vectors[text] for text in texts]
        return np.stack(vectors) if vectors else self._encoder.encode([])


class CachedReader(CachedEncoder):
    """Encodes each text once, and says which texts the encoder can read.

    Args:
        encoder: a sentence encoder of others.

    """

    def __init__(self, encoder: ReadingEncoder) -> None:
        super().__init__(encoder)
        self._reader = encoder

    def readable(self, texts: Sequence[str]) -> Bools:
        """Return whether the encoder can read each text, shape (n,)."""
        return self._reader.readable(texts)


def encode_all(encoder: CachedEncoder, texts: list[str], progress: Progress, check: Check = never_cancel) -> None:
    """Encode all texts into the cache, with a progress bar; what the check raises ends the work."""
    task = progress.add_task("encoding", total=len(texts))
    encoder.encode(texts, advance=partial(progress.advance, task), check=check)

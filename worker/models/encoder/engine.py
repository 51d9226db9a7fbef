"""The protocol of the engines that run the encoder's network: ONNX Runtime and TensorFlow."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from worker.models.encoder.packing import Ints, PackedTexts
from worker.types import Arithmetic

Vectors = NDArray[np.float32]


class Engine(Protocol):
    """Runs the network on packed texts. Two threads may call it at once. It may hold its tables on any device."""

    texts_timed: int
    """Texts that fill about one sequence: so many are timed."""

    @property
    def arithmetic(self) -> Arithmetic:
        """Who computes, and in which type."""

    def plan(self, counts: Ints) -> Iterator[PackedTexts]:
        """Yield the sequences, in order, that texts with these numbers of pieces are packed into."""

    def embed(self, pieces: Ints, owners: Ints, counts: Ints) -> Vectors:
        """Return unit vectors, shape (texts, 512), of a packed sequence.

        Args:
            pieces: shape (pieces,); the vocabulary's size stands for a gap.
            owners: index of each piece's text, -1 in a gap, shape (pieces,).
            counts: pieces of each text, at least 1, shape (texts,).

        """

    def warm_up(self) -> None:
        """Do once what would make the first texts wait."""

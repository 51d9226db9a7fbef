"""The piece network on USE's vocabulary, distilled from a strong model on USE's vectors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from training.encoder.export import ENCODER_FOLDER
from training.models.base import Resources, Saved, Size
from training.models.clean import CleanModel
from training.models.kernel_ridge import unit
from training.models.use_pieces.growing_network import GrowingNetwork
from training.models.use_pieces.soft_targets import soft_targets
from training.models.use_pieces.training import pieces_seen, train_piece_network
from worker.models.text_cleaning import clean
from worker.types import Floats

_HARD = 0.4  # share of the label in a target; the rest is the strong model's prediction


def build_use_pieces(resources: Resources) -> CleanModel:
    """Return an untrained piece network."""
    return CleanModel(UsePieces(resources))


class UsePieces:
    """A piece network (`worker.models.piece_network`); the encoder's vectors are needed for its training only."""

    def __init__(self, resources: Resources) -> None:
        self._encoder, self._seed = resources.encoder, resources.seed
        self._unlabelled = [clean(text) for text in resources.unlabelled]

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.array([0, 1])

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train from scratch."""
        vectors = unit(self._encoder.encode([*texts, *self._unlabelled]))
        labelled, others = soft_targets(vectors[: len(texts)], targets, vectors[len(texts) :])
        wanted = np.concatenate([_HARD * targets + (1 - _HARD) * labelled, others])
        pieces = self._encoder.packed
        trained_on = [*texts, *self._unlabelled]
        layers = train_piece_network(pieces, trained_on, wanted, self._seed)
        self._network = GrowingNetwork(pieces, layers, pieces_seen(pieces, trained_on))
        return self

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return self._network.predict_proba(texts)

    @property
    def size(self) -> Size:
        """Number of parameters; the features of all pieces follow from those that training sets."""
        return self._network.size

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:
        """Return the texts, and the unlabelled ones that training uses too."""
        return [*texts, *self._unlabelled]

    def save(self, folder: Path, name: str) -> Saved:
        """Write the network; the encoder is in the artifact already."""
        self._network.complete().save(folder / f"{name}.npz")
        return Saved("pieces", {"encoder": ENCODER_FOLDER, "network": f"{name}.npz"})

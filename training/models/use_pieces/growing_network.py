"""A trained piece network whose pieces are computed when a text has them for the first time."""

from collections.abc import Sequence

import numpy as np

from training.models.base import Size
from training.models.use_pieces.training import FEATURES, TrainedLayers
from worker.cascade.calibration import logistic
from worker.models.encoder.packing import Ints
from worker.models.piece_network import Float32s, PieceNetwork, Vocabulary
from worker.types import Floats

_CHUNK = 8192  # pieces whose inputs are in memory at once


class GrowingNetwork:
    """The network of a vocabulary, of which a fold's tweets use a tenth: the rest is computed for the artifact only.

    Args:
        pieces: the vocabulary.
        layers: trained.
        seen: 1 where the training texts have the piece, else 0, shape (v,).

    """

    def __init__(self, pieces: Vocabulary, layers: TrainedLayers, seen: Float32s) -> None:
        self._pieces, self._layers = pieces, layers
        size = pieces.vocabulary_size
        features, salience = np.zeros((size, FEATURES), np.float32), np.zeros(size, np.float32)
        self._network = PieceNetwork(features, salience, layers.weights, layers.constant, seen)
        self._known = np.zeros(size, np.bool_)

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        ids, splits = self._pieces.tokenize(texts)
        self._grow(ids)
        p = logistic(self._network.log_odds(ids, splits))
        return np.column_stack([1 - p, p])

    def complete(self) -> PieceNetwork:
        """Return the network with all pieces."""
        self._grow(np.arange(self._pieces.vocabulary_size, dtype=np.int32))
        return self._network

    @property
    def size(self) -> Size:
        """Number of parameters; the features of all pieces follow from those that training sets."""
        parameters = sum(part.size for part in self._network) - self._network.seen.size
        return Size(parameters, parameters - self._network.features.size)

    def _grow(self, ids: Ints) -> None:
        new = np.unique(ids[~self._known[ids]])
        for start in range(0, len(new), _CHUNK):
            part = new[start : start + _CHUNK]
            features, salience = self._layers.of_pieces(self._pieces.piece_inputs(part))
            self._network.features[part], self._network.salience[part] = features, salience
        self._known[new] = True

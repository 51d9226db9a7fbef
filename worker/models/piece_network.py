"""The piece network: a small classifier of texts on the features of their pieces.

Each piece of the encoder's vocabulary has features, computed once when the network is trained. A text's features are
their mean, weighted by the salience of the pieces, and their maximum: a deep averaging network (Iyyer et al. 2015). A
logistic regression on both gives P(disaster). It costs a few microseconds a text, and since pieces and their features
come from a multilingual encoder, it reads other languages than those it was trained on.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from worker.cascade.calibration import logistic
from worker.models.encoder.packing import Ints
from worker.types import Floats

Float32s = NDArray[np.float32]
_MANY = 100  # texts: by position costs 200 us a batch and 1 us a text, by text 8 us a text


class Tokenizer(Protocol):
    """Splits texts into pieces."""

    def tokenize(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of all texts, and the bounds between texts, shape (n texts + 1,)."""


class Vocabulary(Tokenizer, Protocol):
    """A tokenizer whose pieces have vectors."""

    @property
    def vocabulary_size(self) -> int:
        """Number of pieces."""

    def piece_inputs(self, ids: Ints) -> Float32s:
        """Return what the encoder sees of these pieces in any context, shape (n, d)."""


class PieceNetwork(NamedTuple):
    """The parameters, for a vocabulary of v pieces with k features each."""

    features: Float32s
    """Not negative, shape (v, k)."""
    salience: Float32s
    """Positive, shape (v,)."""
    weights: Float32s
    """Of the mean, then of the maximum of each feature, shape (2 k,)."""
    bias: Float32s
    """Shape (1,)."""
    seen: Float32s
    """1 where the texts that trained it have the piece, else 0, shape (v,)."""

    def log_odds(self, ids: Ints, splits: Ints) -> Floats:
        """Return the log-odds of a disaster, shape (n,), of texts with these pieces; a text without any has the bias.

        Args:
            ids: the pieces of all texts.
            splits: the bounds between texts, shape (n + 1,).

        """
        found = np.full(len(splits) - 1, self.bias[0], dtype=np.float64)
        filled = np.flatnonzero(np.diff(splits))
        if filled.size:
            found[filled] += self._pooled(ids, splits[filled]) @ self.weights
        return found

    def known(self, ids: Ints, splits: Ints) -> Floats:
        """Return the share of each text's pieces that training has seen, shape (n,); 0 for a text without any.

        Args:
            ids: the pieces of all texts.
            splits: the bounds between texts, shape (n + 1,).

        """
        counted = np.concatenate([[0], np.cumsum(self.seen[ids], dtype=np.float64)])
        return np.asarray(np.diff(counted[splits]) / np.maximum(1, np.diff(splits)))

    def _pooled(self, ids: Ints, starts: Ints) -> Float32s:
        """Return the weighted mean and the maximum of each text's features, shape (texts, 2 k)."""
        if len(starts) < _MANY:
            return self._pooled_by_text(ids, starts)
        lengths = np.diff(np.append(starts, len(ids)))
        order = np.argsort(-lengths, kind="stable")
        pooled = np.empty((len(starts), 2 * self.features.shape[1]), dtype=np.float32)
        pooled[order] = self._pooled_by_position(ids, starts[order], lengths[order])
        return pooled

    def _pooled_by_text(self, ids: Ints, starts: Ints) -> Float32s:
        features, salience = self.features[ids], self.salience[ids]
        total = np.add.reduceat(salience, starts)
        mean = np.add.reduceat(features * salience[:, np.newaxis], starts) / total[:, np.newaxis]
        return np.hstack([mean, np.maximum.reduceat(features, starts)])

    def _pooled_by_position(self, ids: Ints, starts: Ints, lengths: Ints) -> Float32s:
        """Pool the first pieces of all texts, then the second ones, and so on; the texts are in order of length."""
        total = np.zeros((len(starts), self.features.shape[1]), np.float32)
        highest, weight = np.zeros_like(total), np.zeros(len(starts), np.float32)
        counts = np.searchsorted(-lengths, -np.arange(lengths[0]))
        for position, count in enumerate(counts.tolist()):
            at = ids[starts[:count] + position]
            features, salience = self.features.take(at, axis=0), self.salience.take(at)
            np.maximum(highest[:count], features, out=highest[:count])
            total[:count] += features * salience[:, np.newaxis]
            weight[:count] += salience
        return np.hstack([total / weight[:, np.newaxis], highest])

    def save(self, path: Path) -> None:
        """Write the parameters; the features in half precision."""
        np.savez_compressed(path, **{**self._asdict(), "features": self.features.astype(np.float16)})

    @classmethod
    def load(cls, path: Path) -> "PieceNetwork":
        """Read the parameters; no code of the file is run."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(*(np.asarray(stored[name], dtype=np.float32) for name in cls._fields))


class PieceClassifier:
    """Classifies texts with a piece network.

    Args:
        tokenizer: splits them into pieces.
        network: of the tokenizer's vocabulary.

    """

    def __init__(self, tokenizer: Tokenizer, network: PieceNetwork) -> None:
        self._tokenizer, self._network = tokenizer, network

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.array([0, 1])

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, 2)."""
        return self.predict_known(texts)[0]

    def predict_known(self, texts: Sequence[str], /) -> tuple[Floats, Floats]:
        """Return the probabilities, and the share of each text's pieces that training has seen, shape (n texts,)."""
        ids, splits = self._tokenizer.tokenize(texts)
        p = logistic(self._network.log_odds(ids, splits))
        return np.column_stack([1 - p, p]), self._network.known(ids, splits)

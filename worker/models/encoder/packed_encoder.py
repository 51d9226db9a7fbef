"""Packed encoder: embeds many texts as one sequence of pieces, without padding.

The vector of a text does not depend on its neighbours, because two zero pieces (a gap) follow each text.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.models.encoder.engine import Engine, Vectors
from worker.models.encoder.packing import Ints, Shape, lay_out
from worker.models.encoder.pieces import WEIGHTS, PieceTable, PieceWeights, load_piece_weights
from worker.models.encoder.tokenizer import RememberingTokenizer, load_tokenizer
from worker.types import Arithmetic

TOKENIZER = "tokenizer.model"
DIMENSIONS = 512


class EncoderFiles:
    """The files that all engines share, read once.

    Args:
        folder: of the encoder.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pieces: PieceWeights = load_piece_weights(folder)
        self.tokenizer: RememberingTokenizer = load_tokenizer(folder / TOKENIZER)

    def network(self) -> dict[str, NDArray[Any]]:
        """Return the weights of the layers after the pieces, by name, in floats."""
        with np.load(self.folder / WEIGHTS, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files if name not in PieceWeights._fields}

    @property
    def parameters(self) -> int:
        """Number of the network's parameters."""
        pieces = sum(np.size(part) for part in self.pieces) - self.pieces.input_scale.size  # quantization adds it
        return pieces + sum(part.size for part in self.network().values())

    @cached_property
    def table(self) -> PieceTable:
        """The pieces' rows in floats, for models of pieces."""
        return PieceTable(self.pieces, "float16")


class PackedEncoder:
    """Encoder on an engine.

    Args:
        files: of the encoder.
        engine: runs the network.

    """

    def __init__(self, files: EncoderFiles, engine: Engine) -> None:
        self._files, self._engine = files, engine

    @property
    def arithmetic(self) -> Arithmetic:
        """Who computes, and in which type."""
        return self._engine.arithmetic

    @property
    def texts_timed(self) -> int:
        """Texts that fill about one sequence of the engine: so many are timed."""
        return self._engine.texts_timed

    def warm_up(self) -> None:
        """Do once what would make the first texts wait."""
        self._engine.warm_up()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return embeddings of shape (n texts, 512); the caller bounds the length of the texts."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        ids, splits = self.tokenize(texts)
        counts = np.diff(splits)
        for start, stop, shape in self._engine.plan(counts):
            embedded = self._embed(ids[splits[start] : splits[stop]], counts[start:stop], shape)
            vectors[start:stop] = embedded[: stop - start]
        return vectors

    def _embed(self, ids: Ints, counts: Ints, shape: Shape) -> Vectors:
        return self._engine.embed(*lay_out(ids, counts, shape, self.vocabulary_size))

    def tokenize(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the piece ids of all texts, and the bounds between texts, shape (n texts + 1,)."""
        return self._files.tokenizer(texts)

    @property
    def vocabulary_size(self) -> int:
        """Number of pieces."""
        return len(self._files.pieces.embeddings)

    @property
    def parameters(self) -> int:
        """Number of the network's parameters."""
        return self._files.parameters

    def piece_inputs(self, ids: Ints) -> Vectors:
        """Return what the network's convolutions see of these pieces, shape (n, 768), in any context."""
        return self._files.table.inputs(ids).astype(np.float32)

"""The encoder's network on ONNX Runtime, from a graph that training has written for each type."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from worker.models.encoder.engine import Vectors
from worker.models.encoder.packing import Ints, PackedTexts, sequences
from worker.models.encoder.pieces import InputType, PieceTable, PieceWeights
from worker.models.onnx import load_onnx
from worker.types import Arithmetic

OnnxType = Literal["int8", "float32"]
INPUTS: dict[OnnxType, InputType] = {"int8": "uint8", "float32": "float16"}
"""What each graph takes as the inputs of its convolutions."""


class OnnxEngine:
    """Runs `<dtype>.onnx`.

    Args:
        folder: of the encoder.
        weights: of its pieces.
        dtype: of the convolutions.

    """

    texts_timed = 20

    def __init__(self, folder: Path, weights: PieceWeights, dtype: OnnxType) -> None:
        self.arithmetic = Arithmetic("onnx", dtype)
        self._table = PieceTable(weights, INPUTS[dtype])
        self._model = load_onnx(folder / f"{dtype}.onnx")

    def plan(self, counts: Ints) -> Iterator[PackedTexts]:
        """Yield sequences as short as their texts."""
        return sequences(counts)

    def embed(self, pieces: Ints, owners: Ints, counts: Ints) -> Vectors:
        """Return unit vectors, shape (texts, 512), of a packed sequence."""
        packed = {"owners": owners.astype(np.int32), "counts": counts.astype(np.int32)}
        return self._model({**self._table.rows(pieces), **packed})

    def warm_up(self) -> None:
        """Do nothing: any shape is as fast as any other from the first call on."""

"""The encoder's network on TensorFlow: on GPUs, and on CPUs that multiply bfloat16 fast."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from worker.models.encoder.engine import Vectors
from worker.models.encoder.packing import SHAPES, Ints, PackedTexts, plan
from worker.models.encoder.pieces import PieceTable, PieceWeights
from worker.models.encoder.tensorflow_layers import embed, kernels
from worker.models.encoder.traced import TracedFunction
from worker.models.tensorflow import tensorflow
from worker.types import Arithmetic

TensorFlowType = Literal["bfloat16", "float32"]


class TensorFlowEngine:
    """Runs the network as a function that TensorFlow traces for a few shapes.

    Args:
        network: the weights after the pieces, by name, in floats.
        weights: of the pieces.
        dtype: of the convolutions.

    """

    texts_timed = 20

    def __init__(self, network: Mapping[str, NDArray[Any]], weights: PieceWeights, dtype: TensorFlowType) -> None:
        self.arithmetic = Arithmetic("tensorflow", dtype)
        self._table, tf = PieceTable(weights, "float16"), tensorflow()
        w = {name: tf.constant(part) for name, part in {**network, "eps": weights.eps}.items()}
        convolutions = kernels(tf, w, tf.as_dtype(dtype))
        self._embed = TracedFunction(lambda rows, *packed: embed(tf, w, convolutions, rows, packed))

    def plan(self, counts: Ints) -> Iterator[PackedTexts]:
        """Yield sequences of the traced shapes."""
        return plan(counts)

    def embed(self, pieces: Ints, owners: Ints, counts: Ints) -> Vectors:
        """Return unit vectors, shape (texts, 512), of a packed sequence."""
        rows = {name: tensorflow().constant(part) for name, part in self._table.rows(pieces).items()}
        vectors: Vectors = self._embed(rows, tensorflow().constant(owners), tensorflow().constant(counts)).numpy()
        return vectors

    def warm_up(self) -> None:
        """Trace every shape."""
        for pieces, texts in SHAPES:
            gap = np.full(pieces, self._table.filler, np.int32)
            self.embed(gap, np.full(pieces, -1, np.int32), np.ones(texts, np.int32))
        self._embed.end_warm_up()

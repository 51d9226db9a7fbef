"""The encoder's network on a GPU, by ONNX Runtime's CUDA provider."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from worker.models.encoder.engine import Vectors
from worker.models.encoder.packing import GPU_FIXED_COST, GPU_SHAPES, Ints, PackedTexts, plan
from worker.models.encoder.pieces import PieceTable, PieceWeights
from worker.models.onnx import CPU, CUDA, load_onnx
from worker.types import Arithmetic

GpuType = Literal["float16", "float32"]
ENGINE_NAMES = {CUDA: "onnx-cuda", CPU: "onnx"}


class GpuEngine:
    """Runs `float16.onnx`, which holds the pieces' table on the GPU, or `float32.onnx`, to which their rows are copied.

    Sequences have one of a few shapes, so that the GPU's memory is bounded by those of the largest.

    Args:
        folder: of the encoder.
        weights: of its pieces.
        dtype: of the convolutions; products in float32 use TF32 where the GPU has it.
        provider: `CUDA`; `CPU` runs the same code without a GPU, slowly.

    """

    texts_timed = 320
    """A text of a tweet has some 24 pieces: so many fill the largest shape."""

    def __init__(self, folder: Path, weights: PieceWeights, dtype: GpuType, provider: str = CUDA) -> None:
        self.arithmetic = Arithmetic(ENGINE_NAMES[provider], dtype)
        self._pieces = len(weights.embeddings)
        self._table = PieceTable(weights, "float16") if dtype == "float32" else None
        self._model = load_onnx(folder / f"{dtype}.onnx", provider)

    def plan(self, counts: Ints) -> Iterator[PackedTexts]:
        """Yield sequences of the GPU's shapes."""
        return plan(counts, GPU_SHAPES, GPU_FIXED_COST)

    def embed(self, pieces: Ints, owners: Ints, counts: Ints) -> Vectors:
        """Return unit vectors, shape (texts, 512), of a packed sequence."""
        packed = {"owners": owners.astype(np.int32), "counts": counts.astype(np.int32)}
        return self._model({**self._rows(pieces), **packed})

    def _rows(self, pieces: Ints) -> Mapping[str, NDArray[Any]]:
        if self._table:
            return self._table.rows(pieces)
        return {"pieces": np.minimum(pieces, self._pieces - 1).astype(np.int32)}  # the graph masks gaps

    def warm_up(self) -> None:
        """Run every shape: kernels are loaded, and memory is taken, when they are first used."""
        for pieces, texts in GPU_SHAPES:
            self.embed(np.full(pieces, self._pieces), np.full(pieces, -1), np.ones(texts, np.int32))

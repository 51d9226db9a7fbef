"""Calibration of the quantized encoder: the scales of its values, from the vocabulary and from texts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.encoder.onnx_graph import LARGEST, Scales, calibration_graph
from training.encoder.weights import Weights
from worker.models.encoder.packing import lay_out, sequences
from worker.models.encoder.pieces import PieceTable, PieceWeights
from worker.models.encoder.tensorflow_layers import ORDERS
from worker.models.encoder.tokenizer import Tokenize
from worker.models.onnx import OnnxModel

_CHUNK = 4096  # pieces
_LEAST = 1e-6  # scale of a channel that is always 0

Float32s = NDArray[np.float32]


def with_input_scale(w: Weights) -> PieceWeights:
    """Return the weights of the pieces, with the scale of the quantized inputs: of each column, over all pieces."""
    parts = {name: w[name] for name in PieceWeights._fields if name in w}
    pieces = PieceWeights(**parts, input_scale=np.ones(w["bias"].shape, np.float32))
    largest = np.zeros(w["bias"].shape, np.float32)
    for start in range(0, len(pieces.embeddings), _CHUNK):
        ids = np.arange(start, min(start + _CHUNK, len(pieces.embeddings)))
        largest = np.maximum(largest, np.abs(pieces.project(pieces.embedded(ids))).max(axis=0))
    return pieces._replace(input_scale=_scale(largest))


def calibrate(w: Weights, pieces: PieceWeights, tokenize: Tokenize, texts: Sequence[str]) -> Scales:
    """Return the scales of the quantized graph: of each hidden channel, the largest magnitude in these texts.

    Larger values, in other texts, are cut to it. A percentile instead of the maximum was worse: the cosine to the
    vectors in float32 fell from 0.9998 to 0.9993.
    """
    model, table, largest = OnnxModel(calibration_graph(w)), PieceTable(pieces, "float16"), np.zeros(1, np.float32)
    ids, splits = tokenize(texts)
    counts = np.diff(splits)
    for start, stop, shape in sequences(counts):
        found, owners, _ = lay_out(ids[splits[start] : splits[stop]], counts[start:stop], shape, table.filler)
        inputs = {"inputs": table.inputs(found), "owners": owners.astype(np.int32)}
        largest = np.maximum(largest, model(inputs))
    hidden = np.split(_scale(largest), len(ORDERS))
    return Scales(pieces.input_scale, dict(zip(ORDERS, hidden, strict=True)))


def _scale(largest: Float32s) -> Float32s:
    return np.maximum(largest / LARGEST, _LEAST).astype(np.float32)

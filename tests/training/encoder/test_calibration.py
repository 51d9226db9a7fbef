"""Calibration of the quantized encoder."""

import numpy as np
import pytest

from training.encoder.calibration import calibrate, with_input_scale
from training.encoder.onnx_graph import LARGEST
from training.encoder.weights import Weights, load_weights
from worker.models.encoder.pieces import PieceWeights
from worker.models.encoder.tensorflow_layers import ORDERS
from worker.models.encoder.tokenizer import SentencePieceTokenizer

TEXT = "Forest fire near La Ronge"


@pytest.fixture(scope="module")
def loaded() -> tuple[bytes, Weights, PieceWeights]:
    """Return the tokenizer's model, the weights, and those of the pieces with the scale of their inputs."""
    model, weights = load_weights()
    return model, weights, with_input_scale(weights)


def test_the_inputs_of_every_piece_fit_a_byte(loaded: tuple[bytes, Weights, PieceWeights]) -> None:
    """No piece of the vocabulary is cut, and each column uses the whole range of a byte."""
    _, _, pieces = loaded
    ids = np.arange(0, len(pieces.embeddings), 97)
    quantized = pieces.project(pieces.embedded(ids)) / pieces.input_scale
    assert np.abs(quantized).max() <= LARGEST + 1e-3
    assert np.abs(quantized).max(axis=0).mean() > 0.6 * LARGEST


def test_the_scales_of_hidden_channels_are_of_the_texts(loaded: tuple[bytes, Weights, PieceWeights]) -> None:
    """The first layer, computed here one piece after the other, reaches 127 times each scale, and not more."""
    model, w, pieces = loaded
    tokenize = SentencePieceTokenizer(model)
    scales, (ids, _) = calibrate(w, pieces, tokenize, [TEXT]), tokenize([TEXT])
    x = pieces.project(pieces.embedded(ids))
    for order, inputs in zip(ORDERS, np.split(x, len(ORDERS), axis=1), strict=True):
        before = (order - 1) // 2
        padded = np.pad(inputs, ((before, order - 1 - before), (0, 0)))
        rows = [padded[n : n + order].ravel() @ w[f"w1_{order}"] + w[f"b1_{order}"] for n in range(len(ids))]
        hidden = np.maximum(rows, 0) + inputs
        np.testing.assert_allclose(scales.hidden[order] * LARGEST, np.abs(hidden).max(axis=0), rtol=0.02, atol=0.02)


def test_more_texts_never_lower_a_scale(loaded: tuple[bytes, Weights, PieceWeights]) -> None:
    """A scale is the largest over all texts, also over those of several sequences."""
    model, w, pieces = loaded
    tokenize = SentencePieceTokenizer(model)
    one, many = (calibrate(w, pieces, tokenize, texts) for texts in ([TEXT], [TEXT, *["flood and rescue " * 9] * 30]))
    for order in ORDERS:
        assert (many.hidden[order] >= one.hidden[order] * 0.999).all()
        assert (many.hidden[order] > one.hidden[order]).any()

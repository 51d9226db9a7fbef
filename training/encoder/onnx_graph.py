"""The network of the Universal Sentence Encoder (USE) as an ONNX graph on packed texts, in float32 or in int8.

It computes what `worker.models.encoder.tensorflow_layers.embed` does. A convolution over k pieces is a product of
matrices: the k neighbours of each piece, side by side, times the kernel. In int8 the factors of that product are whole
numbers (Jacob et al. 2018, "Quantization and training of neural networks for efficient integer-arithmetic-only
inference"). All scales are constants, so that a text's vector does not depend on its neighbours in a batch.

Scales of a channel's values stand in the kernels, where they cost nothing. With h = s * g, where s is the scale of each
hidden channel and g is quantized: relu(W h + b) / s = relu((W s / s) g + b / s). So everything after the first
convolution is computed in units of s until the features are summed.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray
from onnx import TensorProto

from training.encoder.onnx_nodes import MICROSOFT, GraphWriter, ValueInfo, array
from training.encoder.onnx_sums import residual_network, sum_normalized
from training.encoder.weights import Weights
from worker.models.encoder.pieces import ZERO
from worker.models.encoder.tensorflow_layers import ORDERS, WIDTH

LARGEST = 127
_LAST = np.iinfo(np.int64).max

Float32s = NDArray[np.floating]


class Scales(NamedTuple):
    """Of quantized values: a value is a whole number from -127 to 127 times the scale of its channel."""

    inputs: Float32s
    """Of the inputs of the convolutions, shape (768,)."""
    hidden: Mapping[int, Float32s]
    """Of the channels between the two convolutions, by order, shape (256,)."""


def float_graph(w: Weights) -> bytes:
    """Return the graph in float32."""
    graph = GraphWriter()
    features = [_convolve(graph, w, 2, order, x) for order, x in _float_hidden(graph, w).items()]
    return _finished(graph, w, features, [None] * len(ORDERS), np.float16)


def calibration_graph(w: Weights) -> bytes:
    """Return a graph in float32 of the largest magnitude of each hidden channel, shape (768,), in a sequence."""
    graph = GraphWriter()
    hidden = graph.add("Concat", *_float_hidden(graph, w).values(), axis=1)
    largest = graph.add("ReduceMax", graph.add("Abs", hidden), axes=[0], keepdims=0)
    return graph.write([i for i in _inputs(np.float16) if i.name in {"inputs", "owners"}], largest, "largest")


def _float_hidden(graph: GraphWriter, w: Weights) -> dict[int, str]:
    """Add the first layer of each order."""
    mask, inputs = _mask(graph), graph.split(graph.add("Cast", "inputs", to=TensorProto.FLOAT), len(ORDERS), WIDTH)
    first = {order: _convolve(graph, w, 1, order, x) for order, x in zip(ORDERS, inputs, strict=True)}
    return {order: graph.add("Mul", x, mask) for order, x in first.items()}


def half_graph(w: Weights, embeddings: tuple[str, int], facts: Float32s) -> bytes:
    """Return the graph in float16, for GPUs: its inputs are piece ids, and the table of the pieces stays on the GPU.

    Products take float16 and add up in float32; statistics, normalized sums and the residual network are in float32.
    No operation needs cuDNN.

    Args:
        w: the weights.
        embeddings: file in the graph's folder that has them, and from which byte on.
        facts: of each piece, see `worker.models.encoder.pieces.PieceTable.rows`, shape (v, 4).

    """
    graph, half = GraphWriter(), TensorProto.FLOAT16
    table = graph.external(w["embeddings"], *embeddings)
    graph.name(graph.add("Gather", table, "pieces", axis=0), "embeddings")
    graph.name(graph.add("Gather", graph.constant(facts), "pieces", axis=0), "facts")
    mask = graph.add("Cast", _mask(graph), to=half)
    inputs = graph.split(graph.add("Mul", _half_inputs(graph, w), mask), len(ORDERS), WIDTH)
    features = []
    for order, x in zip(ORDERS, inputs, strict=True):
        hidden = graph.add("Mul", _convolve(graph, w, 1, order, x, np.float16), mask)
        features.append(_convolve(graph, w, 2, order, hidden, np.float16))
    vectors = residual_network(graph, w, sum_normalized(graph, w, features, [None] * len(ORDERS), half))
    packed = [i for i in _inputs(np.float16) if i.name in {"owners", "counts"}]
    return graph.write([array("pieces", np.int32, ["pieces"]), *packed], vectors, "vectors")


def _half_inputs(graph: GraphWriter, w: Weights) -> str:
    """Add the projection of the pieces and its normalization, in float16, shape (pieces, 768)."""
    _, _, scale, offset = graph.split("facts", 4, 1)
    whole = graph.add("Cast", "embeddings", to=TensorProto.FLOAT)
    embedded = graph.add("Cast", graph.add("Add", graph.add("Mul", whole, scale), offset), to=TensorProto.FLOAT16)
    kernel, bias = (graph.constant(w[name], np.float16) for name in ("projection", "bias"))
    projected = graph.add("Cast", graph.add("Gemm", embedded, kernel, bias), to=TensorProto.FLOAT)
    gain, shift = (graph.constant(w[name]) for name in ("gain", "shift"))  # squares are beyond float16
    normalized = graph.add("LayerNormalization", projected, gain, shift, axis=-1, epsilon=float(w["eps"]))
    return graph.add("Cast", normalized, to=TensorProto.FLOAT16)


def _convolve(graph: GraphWriter, w: Weights, layer: int, order: int, x: str, dtype: DTypeLike = np.float32) -> str:
    kernel, bias = (graph.constant(w[f"{part}{layer}_{order}"], dtype) for part in "wb")
    convolved = graph.add("Gemm", _neighbours(graph, x, order, np.zeros(1, dtype)[0]), kernel, bias)
    return graph.add("Add", graph.add("Relu", convolved), x)


def quantized_graph(w: Weights, scales: Scales) -> bytes:
    """Return the graph with the convolutions in int8; the layers after the sum stay in float32."""
    graph = GraphWriter()
    mask, inputs = _mask(graph), graph.split("inputs", len(ORDERS), WIDTH)
    of_inputs = np.split(scales.inputs, len(ORDERS))
    features = [
        _quantized_branch(graph, w, order, (x, scale), scales.hidden[order], mask)
        for order, x, scale in zip(ORDERS, inputs, of_inputs, strict=True)
    ]
    return _finished(graph, w, features, [scales.hidden[order] for order in ORDERS], np.uint8)


def _quantized_branch(
    graph: GraphWriter, w: Weights, order: int, scaled: tuple[str, Float32s], unit: Float32s, mask: str
) -> str:
    """Add the two layers of an order, and return its features.

    Args:
        graph: to add to.
        w: the weights.
        order: pieces that the convolutions span.
        scaled: the quantized inputs, shape (pieces, 256), and their scales.
        unit: the scales of the hidden channels, in which all results are.
        mask: 1 for pieces and 0 in gaps, shape (pieces, 1).

    """

    def convolve(layer: int, x: str, scale: Float32s) -> str:
        kernel = w[f"w{layer}_{order}"] * np.tile(scale, order)[:, np.newaxis] / unit
        product = _whole_product(
            graph, _neighbours(graph, x, order, np.uint8(ZERO)), kernel, w[f"b{layer}_{order}"] / unit
        )
        return graph.add("Relu", product)

    x, scale = scaled
    centered = graph.add("Sub", graph.add("Cast", x, to=TensorProto.FLOAT), graph.constant(ZERO))
    residual = graph.add("Mul", centered, graph.constant(scale / unit))
    hidden = graph.add("Mul", graph.add("Add", convolve(1, x, scale), residual), mask)
    quantized = graph.add("QuantizeLinear", hidden, graph.constant(1), graph.constant(ZERO, np.uint8))
    return graph.add("Add", convolve(2, quantized, unit), hidden)


def _whole_product(graph: GraphWriter, x: str, kernel: Float32s, bias: Float32s) -> str:
    """Multiply by a kernel in int8, with a scale for each of its columns."""
    scale = np.maximum(np.abs(kernel).max(axis=0), 1e-12) / LARGEST
    zeros = graph.constant(ZERO, np.uint8), graph.constant(np.zeros(len(scale)), np.int8)
    whole = graph.constant(np.round(kernel / scale), np.int8)
    scales = graph.constant(1), graph.constant(scale)
    return graph.add("MatMulIntegerToFloat", x, whole, *scales, *zeros, graph.constant(bias), domain=MICROSOFT)


def _neighbours(graph: GraphWriter, x: str, order: int, zero: np.generic) -> str:
    """Return each piece beside its neighbours, shape (pieces, order * 256), as many of them after it as before."""
    before = (order - 1) // 2
    ends = [np.full((n, WIDTH), zero, zero.dtype) for n in (before, order - 1 - before)]
    padding = [graph.constant(end, zero.dtype) for end in ends if end.size]
    padded = graph.add("Concat", *([padding[0]] if before else []), x, padding[-1], axis=0)
    rows = graph.constant([0], np.int64)
    starts = [graph.constant([n], np.int64) for n in range(order)]
    stops = [graph.constant([n + 1 - order if n + 1 < order else _LAST], np.int64) for n in range(order)]
    shifted = [graph.add("Slice", padded, start, stop, rows) for start, stop in zip(starts, stops, strict=True)]
    return graph.add("Concat", *shifted, axis=1)


def _mask(graph: GraphWriter) -> str:
    real = graph.add("GreaterOrEqual", "owners", graph.constant(0, np.int32))
    return graph.add("Unsqueeze", graph.add("Cast", real, to=TensorProto.FLOAT), graph.constant([1], np.int64))


def _finished(
    graph: GraphWriter, w: Weights, features: Sequence[str], units: Sequence[Float32s | None], dtype: DTypeLike
) -> bytes:
    vectors = residual_network(graph, w, sum_normalized(graph, w, features, units))
    return graph.write(_inputs(dtype), vectors, "vectors")


def _inputs(dtype: DTypeLike) -> list[ValueInfo]:
    return [
        array("inputs", dtype, ["pieces", 3 * WIDTH]),
        array("embeddings", np.int8, ["pieces", 512]),
        array("facts", np.float32, ["pieces", 4]),
        array("owners", np.int32, ["pieces"]),
        array("counts", np.int32, ["texts"]),
    ]

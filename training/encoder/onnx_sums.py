"""The part of the encoder's ONNX graph from the features of the pieces to the vectors of the texts, in float32."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from training.encoder.onnx_nodes import GraphWriter
from training.encoder.weights import Weights
from worker.models.encoder.tensorflow_layers import ORDERS, WIDTH

_FEATURES = 512 + WIDTH * len(ORDERS)

Unit = NDArray[np.float32] | None
"""What the features of an order are divided by, shape (256,); None for 1."""


def sum_normalized(
    graph: GraphWriter, w: Weights, features: Sequence[str], units: Sequence[Unit], dtype: int = TensorProto.FLOAT
) -> str:
    """Return the layer-normalized features summed over each text, with gain and bias, shape (n, 1280).

    `worker.models.encoder.tensorflow_layers.sum_normalized` explains the method.

    Args:
        graph: to add to; it has the inputs `embeddings`, `facts`, `owners` and `counts`.
        w: the weights.
        features: of each order, shape (pieces, 256).
        units: of each order.
        dtype: ONNX' type of the products that sum.

    """
    total, squares, scale, offset = graph.split("facts", 4, 1)
    floats = [_float32(graph, x, dtype) for x in features]
    mean, r = _statistics(graph, w, total, squares, list(zip(floats, units, strict=True)))
    whole = _matrix(graph, r)
    means = graph.add("Concat", graph.add("Sub", offset, mean), graph.add("Neg", mean), axis=1)
    of_embeddings, of_features = graph.split(graph.add("MatMul", whole, means), 2, 1)
    scaled, matrix = graph.add("Mul", whole, graph.add("Transpose", scale, perm=[1, 0])), _cast(graph, whole, dtype)
    embeddings = _product(graph, _cast(graph, scaled, dtype), graph.add("Cast", "embeddings", to=dtype), dtype)
    parts = [graph.add("Add", embeddings, of_embeddings)]
    for x, unit in zip(features, units, strict=True):
        summed = _product(graph, matrix, x, dtype)
        parts.append(graph.add("Add", summed if unit is None else _times(graph, summed, unit), of_features))
    normalized = _times(graph, graph.add("Concat", *parts, axis=1), w["ln_g"])
    return graph.add("Add", normalized, _times(graph, _numbers(graph), w["ln_b"][np.newaxis]))


def _product(graph: GraphWriter, matrix: str, x: str, dtype: int) -> str:
    """Multiply in a type; the result is in float32."""
    return _float32(graph, graph.add("MatMul", matrix, x), dtype)


def _cast(graph: GraphWriter, x: str, dtype: int) -> str:
    return x if dtype == TensorProto.FLOAT else graph.add("Cast", x, to=dtype)


def _float32(graph: GraphWriter, x: str, dtype: int) -> str:
    """Return a value of a type in float32."""
    return x if dtype == TensorProto.FLOAT else graph.add("Cast", x, to=TensorProto.FLOAT)


def _statistics(
    graph: GraphWriter, w: Weights, total: str, squares: str, features: Sequence[tuple[str, Unit]]
) -> tuple[str, str]:
    """Return the mean of each piece's features, and 1 / their standard deviation, each of shape (pieces, 1)."""
    units = [np.ones(WIDTH) if unit is None else unit for _, unit in features]
    sums = [_column(graph, x, unit) for (x, _), unit in zip(features, units, strict=True)]
    powers = [_column(graph, graph.add("Mul", x, x), unit**2) for (x, _), unit in zip(features, units, strict=True)]
    mean = _times(graph, graph.add("Sum", total, *sums), 1 / _FEATURES)
    second = _times(graph, graph.add("Sum", squares, *powers), 1 / _FEATURES)
    variance = graph.add("Sub", second, graph.add("Mul", mean, mean))
    return mean, _reciprocal_root(graph, graph.add("Add", variance, graph.constant(w["eps"])))


def _column(graph: GraphWriter, x: str, weights: NDArray[np.floating]) -> str:
    return graph.add("MatMul", x, graph.constant(weights[:, np.newaxis]))


def _matrix(graph: GraphWriter, r: str) -> str:
    """Return the matrix, shape (n, pieces), with 1 / standard deviation where a text owns a piece, else 0."""
    n = graph.add("Squeeze", graph.add("Shape", "counts"))
    texts = graph.add("Range", graph.constant(0, np.int64), n, graph.constant(1, np.int64))
    column = graph.add("Unsqueeze", graph.add("Cast", texts, to=TensorProto.INT32), graph.constant([1], np.int64))
    owned = graph.add("Equal", graph.add("Unsqueeze", "owners", graph.constant([0], np.int64)), column)
    return graph.add("Where", owned, graph.add("Transpose", r, perm=[1, 0]), graph.constant(0))


def residual_network(graph: GraphWriter, w: Weights, summed: str) -> str:
    """Return unit vectors, shape (n, 512), of the features summed over each text."""

    def times(x: str, name: str) -> str:
        return graph.add("MatMul", x, graph.constant(w[name]))

    numbers = _numbers(graph)
    biased = graph.add("Add", times(summed, "cnn_W"), _times(graph, numbers, w["cnn_b"][np.newaxis]))
    x = graph.add("Mul", biased, _reciprocal_root(graph, numbers))
    first = graph.add("Relu", times(x, "d0"))
    second = graph.add("Relu", graph.add("Add", times(x, "p1"), times(first, "d1")))
    third = graph.add("Relu", times(second, "d2"))
    out = graph.add("Tanh", graph.add("Add", times(second, "p3"), times(third, "d3")))
    squared = _column(graph, graph.add("Mul", out, out), np.ones(512))
    return graph.add("Mul", out, _reciprocal_root(graph, graph.add("Max", squared, graph.constant(w["eps"]))))


def _numbers(graph: GraphWriter) -> str:
    """Return the number of pieces of each text, shape (n, 1)."""
    return graph.add("Unsqueeze", graph.add("Cast", "counts", to=TensorProto.FLOAT), graph.constant([1], np.int64))


def _times(graph: GraphWriter, x: str, factor: NDArray[np.floating] | float) -> str:
    return graph.add("Mul", x, graph.constant(factor))


def _reciprocal_root(graph: GraphWriter, x: str) -> str:
    return graph.add("Reciprocal", graph.add("Sqrt", x))

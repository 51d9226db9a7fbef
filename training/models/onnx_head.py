"""Heads on the encoder's vectors as ONNX graphs: what a worker serves without TensorFlow."""

from collections.abc import Callable

import numpy as np

from training.encoder.onnx_nodes import GraphWriter, array
from worker.models.tensorflow import KerasLayer, KerasModel

_ACTIVATIONS = {"relu": "Relu", "exponential": "Exp", "sigmoid": "Sigmoid", "linear": "Identity"}
_EPSILON = 1e-12  # Keras' own, under the root of a vector's length


def head_to_onnx(network: KerasModel) -> bytes:
    """Return an ONNX model that maps `vectors`, shape (n, d), to what the Keras network maps them to, shape (n, 1).

    Raises:
        ValueError: the network is not a sequence of Dense and UnitNormalization, with activations that are known here.

    """
    graph, x = GraphWriter(), "vectors"
    for layer in network.layers:
        x = _converter(layer)(graph, layer, x)
    return graph.write([array("vectors", np.float32, ["n", network.input_shape[-1]])], x, "probabilities")


def _converter(layer: KerasLayer) -> Callable[[GraphWriter, KerasLayer, str], str]:
    name = type(layer).__name__
    if name not in _CONVERTERS:
        raise ValueError(f"a head with a layer {name} cannot be written for ONNX Runtime; there are {set(_CONVERTERS)}")
    return _CONVERTERS[name]


def _dense(graph: GraphWriter, layer: KerasLayer, x: str) -> str:
    activation = layer.activation.__name__
    if activation not in _ACTIVATIONS:
        raise ValueError(
            f"the activation {activation} cannot be written for ONNX Runtime; there are {set(_ACTIVATIONS)}"
        )
    kernel, bias = map(graph.constant, layer.get_weights())
    return graph.add(_ACTIVATIONS[activation], graph.add("Gemm", x, kernel, bias))


def _unit_normalization(graph: GraphWriter, _layer: KerasLayer, x: str) -> str:
    squares = graph.add("ReduceSum", graph.add("Mul", x, x), graph.constant([1], np.int64), keepdims=1)
    return graph.add("Div", x, graph.add("Sqrt", graph.add("Max", squares, graph.constant(_EPSILON))))


_CONVERTERS = {"Dense": _dense, "UnitNormalization": _unit_normalization}

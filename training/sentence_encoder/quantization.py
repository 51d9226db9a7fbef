"""Quantization of a transformer's products of matrices in int8, with scales from texts.

A product x W, where W is constant, becomes one of whole numbers. A few channels of x are much larger than the others.
Dividing each channel by s and multiplying the row of W by it changes nothing, and s = max |x|^a / max |W|^(1 - a) moves
most of that range to W (SmoothQuant, Xiao et al. 2023). With a = 0.9 the mean cosine to MiniLM's vectors in float32 is
0.998, with 0.5 it is 0.91. W has a scale for each column, x one for all. All scales are constants, so that a text's
vector does not depend on its neighbours in a batch.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.encoder.onnx_nodes import MICROSOFT
from worker.models.encoder.pieces import ZERO
from worker.models.onnx import OnnxModel

_LARGEST = 127
_LEAST = 1e-5
_EXPONENT = 0.9
_LARGEST_OUTPUT = "largest_magnitudes"
_AXES_ARE_AN_INPUT = 18  # the opset from which `ReduceMax` takes its axes as an input

Float32s = NDArray[np.float32]


def quantized_graph(graph: onnx.ModelProto, batches: Iterable[Mapping[str, NDArray[Any]]]) -> bytes | None:
    """Return the graph with its products by constant matrices in int8; None where there are none in float32.

    Args:
        graph: in float32.
        batches: inputs of the graph without padding, from which the scales are calibrated.

    """
    products = _products(graph)
    if not products:
        return None
    largest = _largest(graph, products, batches)
    result = onnx.ModelProto()
    result.CopyFrom(graph)
    weights = {t.name: numpy_helper.to_array(t) for t in graph.graph.initializer if t.name in _matrices(products)}
    replaced = {node.output[0]: node for nodes in products.values() for node in nodes}
    first = {nodes[0].output[0]: x for x, nodes in products.items()}
    added = {x: _quantized(x, nodes, largest[x], weights) for x, nodes in products.items()}
    del result.graph.node[:]
    for node in graph.graph.node:
        name = node.output[0] if node.output else ""
        if name in first:
            result.graph.node.extend(added[first[name]][0])
        elif name not in replaced:
            result.graph.node.append(node)
    kept = [t for t in result.graph.initializer if t.name not in weights or _is_used(t.name, result)]
    del result.graph.initializer[:]
    result.graph.initializer.extend([*kept, *(t for _, tensors in added.values() for t in tensors)])
    if all(opset.domain != MICROSOFT for opset in result.opset_import):
        result.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
    return bytes(result.SerializeToString())


Products = dict[str, list[onnx.NodeProto]]
"""The products by constant matrices, by the name of what is multiplied."""


def _products(graph: onnx.ModelProto) -> Products:
    matrices = {t.name for t in graph.graph.initializer if t.data_type == TensorProto.FLOAT and len(t.dims) == 2}
    found: Products = {}
    for node in graph.graph.node:
        if node.op_type == "MatMul" and node.input[1] in matrices and node.input[0] not in matrices:
            found.setdefault(node.input[0], []).append(node)
    return found


def _matrices(products: Products) -> set[str]:
    return {node.input[1] for nodes in products.values() for node in nodes}


def _is_used(name: str, model: onnx.ModelProto) -> bool:
    return any(name in node.input for node in model.graph.node)


def _largest(
    graph: onnx.ModelProto, products: Products, batches: Iterable[Mapping[str, NDArray[Any]]]
) -> dict[str, Float32s]:
    """Return the largest magnitude of each channel of what is multiplied, shape (channels,), in the batches."""
    widths = {t.name: t.dims[0] for t in graph.graph.initializer if t.name in _matrices(products)}
    channels = {x: widths[nodes[0].input[1]] for x, nodes in products.items()}
    model = OnnxModel(_with_magnitudes(graph, channels), output=_LARGEST_OUTPUT)
    largest = np.zeros(sum(channels.values()), np.float32)
    for batch in batches:
        largest = np.maximum(largest, model(batch))
    return dict(zip(channels, np.split(largest, np.cumsum([*channels.values()])[:-1]), strict=True))


def _with_magnitudes(graph: onnx.ModelProto, channels: Mapping[str, int]) -> bytes:
    """Return the graph with one more output: the largest magnitude of each channel of these values, in a row."""
    result = onnx.ModelProto()
    result.CopyFrom(graph)
    opset = next(o.version for o in graph.opset_import if o.domain in {"", "ai.onnx"})
    axes = numpy_helper.from_array(np.array([0]), "axes_of_rows")
    result.graph.initializer.append(axes)
    rows = []
    for n, (x, width) in enumerate(channels.items()):
        shape = numpy_helper.from_array(np.array([-1, width]), f"shape_of_{n}")
        result.graph.initializer.append(shape)
        flat, magnitude, row = (f"{part}_of_product_{n}" for part in ("flat", "magnitude", "row"))
        reduce = (
            helper.make_node("ReduceMax", [magnitude, axes.name], [row], keepdims=0)
            if opset >= _AXES_ARE_AN_INPUT
            else helper.make_node("ReduceMax", [magnitude], [row], axes=[0], keepdims=0)
        )
        result.graph.node.extend(
            [helper.make_node("Reshape", [x, shape.name], [flat]), helper.make_node("Abs", [flat], [magnitude]), reduce]
        )
        rows.append(row)
    result.graph.node.append(helper.make_node("Concat", rows, [_LARGEST_OUTPUT], axis=0))
    result.graph.output.append(helper.make_tensor_value_info(_LARGEST_OUTPUT, TensorProto.FLOAT, None))
    return bytes(result.SerializeToString())


def _quantized(
    x: str, nodes: Sequence[onnx.NodeProto], largest: Float32s, weights: Mapping[str, Float32s]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Return operations and constants of the products of one value by several matrices."""
    of_weights = np.max([np.abs(weights[node.input[1]]).max(axis=1) for node in nodes], axis=0)
    smooth = np.maximum(largest, _LEAST) ** _EXPONENT / np.maximum(of_weights, _LEAST) ** (1 - _EXPONENT)
    unit = np.float32((largest / smooth).max() / _LARGEST)
    name = f"{x}_quantized"
    constants = {"factor": 1 / (smooth * unit), "one": np.float32(1), "zero": np.uint8(ZERO), "unit": unit}
    tensors = [numpy_helper.from_array(np.asarray(v, _type_of(k)), f"{name}_{k}") for k, v in constants.items()]
    made = [
        helper.make_node("Mul", [x, f"{name}_factor"], [f"{name}_scaled"]),
        helper.make_node("QuantizeLinear", [f"{name}_scaled", f"{name}_one", f"{name}_zero"], [name]),
    ]
    for node in nodes:
        made_one, tensors_one = _whole_product(name, node, weights[node.input[1]] * smooth[:, np.newaxis])
        made.append(made_one)
        tensors.extend(tensors_one)
    return made, tensors


def _type_of(constant: str) -> type[np.generic]:
    return np.uint8 if constant == "zero" else np.float32


def _whole_product(x: str, node: onnx.NodeProto, matrix: Float32s) -> tuple[onnx.NodeProto, list[onnx.TensorProto]]:
    """Return the product of a quantized value by a matrix, with a scale for each of its columns."""
    scale = (np.maximum(np.abs(matrix).max(axis=0), 1e-12) / _LARGEST).astype(np.float32)
    whole = np.round(matrix / scale).astype(np.int8)
    parts = {"whole": whole, "scale": scale, "zeros": np.zeros(len(scale), np.int8)}
    tensors = [numpy_helper.from_array(part, f"{node.output[0]}_{name}") for name, part in parts.items()]
    names = [x, tensors[0].name, f"{x}_unit", tensors[1].name, f"{x}_zero", tensors[2].name]
    return helper.make_node("MatMulIntegerToFloat", names, [node.output[0]], domain=MICROSOFT), tensors

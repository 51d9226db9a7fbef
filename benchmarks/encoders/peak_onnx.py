"""Peak floating-point operations a second of ONNX Runtime's provider, measured by products of large matrices."""

import statistics
import time

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from worker.models.onnx import OnnxModel

_SIDE = 4096
_PRODUCTS = 20
_ROUNDS = 5


def peak_float16(provider: str) -> float:
    """Return the peak floating-point operations a second in float16.

    The matrix is part of the graph and only one number goes in and out, so that nothing waits for copies.
    """
    model, scale = OnnxModel(_graph(), provider=provider), {"scale": np.array([1], np.float16)}
    model(scale)
    return _PRODUCTS * 2 * float(_SIDE) ** 3 / statistics.median(_seconds(model, scale) for _ in range(_ROUNDS))


def _seconds(model: OnnxModel, scale: dict[str, np.ndarray]) -> float:
    start = time.perf_counter()
    model(scale)
    return time.perf_counter() - start


def _graph() -> bytes:
    """Return a chain of products of one matrix, whose values stay near those of its entries."""
    random = np.random.default_rng(0).standard_normal((_SIDE, _SIDE)) / np.sqrt(_SIDE)
    nodes = [helper.make_node("Mul", ["matrix", "scale"], ["x0"])]
    nodes += [helper.make_node("MatMul", [f"x{n}", "matrix"], [f"x{n + 1}"]) for n in range(_PRODUCTS)]
    nodes += [helper.make_node("ReduceMax", [f"x{_PRODUCTS}"], ["most"], keepdims=0)]
    graph = helper.make_graph(
        nodes, "peak",
        [helper.make_tensor_value_info("scale", TensorProto.FLOAT16, [1])],
        [helper.make_tensor_value_info("most", TensorProto.FLOAT16, [])],
        [numpy_helper.from_array(random.astype(np.float16), "matrix")],
    )  # fmt: skip
    opset = helper.make_opsetid("", 18)
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[opset], ir_version=10)
    return bytes(model.SerializeToString())

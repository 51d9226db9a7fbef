"""Writer of ONNX graphs: each call adds an operation and returns the name of its result."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import ArrayLike, DTypeLike, NDArray
from onnx import TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"
"""The domain of ONNX Runtime's own operations."""
_OPSETS = {"": 17, MICROSOFT: 1}
_IR_VERSION = 8  # of opset 17: an older ONNX Runtime reads it, too

ValueInfo: TypeAlias = Any
Attribute: TypeAlias = Any
"""Of an operation: a number, a text, or a list of them."""


class GraphWriter:
    """Collects the operations and constants of a graph."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: ArrayLike, dtype: DTypeLike = np.float32) -> str:
        """Add a constant."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def external(self, array: NDArray[Any], location: str, offset: int) -> str:
        """Add a constant whose bytes stand in another file of the model's folder, from an offset on."""
        kind, name = helper.np_dtype_to_tensor_dtype(array.dtype), f"c{len(self._constants)}"
        tensor = onnx.TensorProto(name=name, data_type=kind, dims=array.shape, data_location=TensorProto.EXTERNAL)
        for key, value in {"location": location, "offset": offset, "length": array.nbytes}.items():
            tensor.external_data.add(key=key, value=str(value))
        self._constants.append(tensor)
        return name

    def name(self, result: str, name: str) -> None:
        """Give a result another name, which other operations may use."""
        self._nodes.append(helper.make_node("Identity", [result], [name]))

    def add(self, operation: str, *inputs: str, domain: str = "", **attributes: Attribute) -> str:
        """Add an operation with one result."""
        [result] = self.add_many(operation, 1, *inputs, domain=domain, **attributes)
        return result

    def add_many(
        self, operation: str, results: int, *inputs: str, domain: str = "", **attributes: Attribute
    ) -> list[str]:
        """Add an operation with several results."""
        names = [f"v{len(self._nodes)}_{n}" for n in range(results)]
        self._nodes.append(helper.make_node(operation, list(inputs), names, domain=domain, **attributes))
        return names

    def split(self, x: str, parts: int, width: int) -> list[str]:
        """Split the last axis into parts of equal width."""
        return self.add_many("Split", parts, x, self.constant([width] * parts, np.int64), axis=-1)

    def write(self, inputs: Sequence[ValueInfo], result: str, name: str) -> bytes:
        """Return the model, whose only output is a result in float32, under this name."""
        nodes = [*self._nodes, helper.make_node("Identity", [result], [name])]
        output = helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        graph = helper.make_graph(nodes, name, list(inputs), [output], self._constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION).SerializeToString())


def array(name: str, dtype: DTypeLike, shape: Sequence[str | int]) -> ValueInfo:
    """Return the description of an input: its name, its type, and its shape with names for what may vary."""
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), list(shape))

"""ONNX Runtime, imported only where a model needs it, and without its telemetry."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from worker.errors import ArtifactError
from worker.models.cpus import cpus
from worker.types import Device

# ONNX Runtime ships no types.
OnnxRuntime: TypeAlias = Any
"""The package `onnxruntime`."""
InferenceSession: TypeAlias = Any

_THREADS = 4  # of a call: a row of texts is too little work for more


@cache
def onnxruntime() -> OnnxRuntime:
    """Return ONNX Runtime. The wheels from 1.29 on send telemetry by default, which this variable turns off."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
    return onnxruntime


class OnnxModel:
    """A model whose first output is a function of its inputs; two threads may call it at once.

    Args:
        content: of the `.onnx` file.

    """

    def __init__(self, content: bytes) -> None:
        ort, options = onnxruntime(), onnxruntime().SessionOptions()
        options.intra_op_num_threads = min(_THREADS, cpus())
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep the largest batch's memory
        # Threads that wait in a busy loop take the cores from the others: measured, half of the throughput.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: InferenceSession = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._outputs = [self._session.get_outputs()[0].name]

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """Return the first output."""
        found: NDArray[Any] = self._session.run(self._outputs, inputs)[0]
        return found


def load_onnx(path: Path) -> OnnxModel:
    """Return the model in a file.

    Raises:
        ArtifactError: the file cannot be read, or is not an ONNX model that this version runs.

    """
    try:
        return OnnxModel(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"cannot read {path}: {error.strerror}") from error
    except Exception as error:  # ONNX Runtime raises types of its own
        raise ArtifactError(f"{path} is not an ONNX model that ONNX Runtime runs: {error}") from error


def devices() -> list[Device]:
    """Return the devices that ONNX Runtime computes on; none while no model has needed it."""
    return [Device("CPU:0", "")] if onnxruntime.cache_info().currsize else []

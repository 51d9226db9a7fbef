"""ONNX Runtime, imported only where a model needs it, and without its telemetry."""

import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
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
SessionOptions: TypeAlias = Any

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_THREADS = 4  # of a call: a row of texts is too little work for more
_GPU_MEMORY = 4 * 2**30  # sequences have bounded shapes: no call comes near it, and others may use the GPU, too
_ERROR, _FATAL = 3, 4
_CUDA_OPTIONS = {
    "arena_extend_strategy": "kSameAsRequested",  # else it grows in powers of two
    "gpu_mem_limit": str(_GPU_MEMORY),
    "enable_cudnn": "0",  # no graph here has convolutions: cuDNN, 0.9 GB, is not installed
}


@cache
def onnxruntime() -> OnnxRuntime:
    """Return ONNX Runtime. The wheels from 1.29 on send telemetry by default, which this variable turns off."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.set_default_logger_severity(_ERROR)
    return onnxruntime


class OnnxModel:
    """A model one of whose outputs is a function of its inputs; two threads may call it at once.

    Args:
        content: of the `.onnx` file.
        folder: of the files that it refers to.
        provider: `CPU`, or `CUDA` for the first GPU.
        output: name of the output that is read; None for the first.

    Raises:
        RuntimeError: the provider does not start.

    """

    def __init__(
        self, content: bytes, folder: Path | None = None, provider: str = CPU, output: str | None = None
    ) -> None:
        options = onnxruntime().SessionOptions()
        options.intra_op_num_threads = min(_THREADS, cpus())
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep the largest batch's memory
        # Threads that wait in a busy loop take the cores from the others: measured, half of the throughput.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if folder:
            options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
        self._session = _session_on_gpu(content, options) if provider == CUDA else _session(content, options, [CPU])
        self._outputs = [output or self._session.get_outputs()[0].name]

    @property
    def input_types(self) -> dict[str, str]:
        """The type of each input, such as `tensor(int64)`."""
        return {found.name: found.type for found in self._session.get_inputs()}

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """Return the output."""
        found: NDArray[Any] = self._session.run(self._outputs, inputs)[0]
        return found


def _session(content: bytes, options: SessionOptions, providers: list[Any]) -> InferenceSession:
    return onnxruntime().InferenceSession(content, options, providers=providers, enable_fallback=0)


def _session_on_gpu(content: bytes, options: SessionOptions) -> InferenceSession:
    """Return a session on the first GPU; what ONNX Runtime would leave to the CPU in silence raises RuntimeError."""
    ort = onnxruntime()
    _load_cuda()
    ort.set_default_logger_severity(_FATAL)  # it prints several lines of its own where a library is missing
    try:
        session = _session(content, options, [(CUDA, _CUDA_OPTIONS), CPU])
    finally:
        ort.set_default_logger_severity(_ERROR)
    if CUDA not in session.get_providers():
        raise RuntimeError("CUDA's libraries do not load; install them with pip install ./deploy/gpu .")
    return session


@cache
def _load_cuda() -> None:
    """Load CUDA's libraries from pip's packages, where they are installed."""
    onnxruntime().preload_dlls(cudnn=False)


def uses_gpu() -> bool:
    """Return whether a model has been loaded for a GPU."""
    return bool(_load_cuda.cache_info().currsize)


def version() -> str:
    """Return the version of ONNX Runtime for CPUs, or of the one for CUDA that is installed instead."""
    try:
        return version_of("onnxruntime-gpu")
    except PackageNotFoundError:
        return version_of("onnxruntime")


def load_onnx(path: Path, provider: str = CPU, output: str | None = None) -> OnnxModel:
    """Return the model in a file, which is read for one of its outputs; None for the first.

    Raises:
        ArtifactError: the file cannot be read, or is not an ONNX model that this version runs.

    """
    try:
        return OnnxModel(path.read_bytes(), path.parent, provider, output)
    except OSError as error:
        raise ArtifactError(f"cannot read {path}: {error.strerror}") from error
    except Exception as error:  # ONNX Runtime raises types of its own
        raise ArtifactError(f"{path} is not an ONNX model that ONNX Runtime runs: {error}") from error


def devices() -> list[Device]:
    """Return the devices that ONNX Runtime computes on; none while no model has needed it."""
    return [Device("CPU:0", "")] if onnxruntime.cache_info().currsize else []

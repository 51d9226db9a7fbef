"""ONNX Runtime's CUDA provider: whether it can be used here, and why not."""

import logging
from importlib.metadata import PackageNotFoundError, version

from worker.errors import SettingError
from worker.models.gpu.driver import Gpu, NoGpuError, list_gpus, load_driver
from worker.models.onnx import CUDA, onnxruntime, uses_gpu
from worker.types import Device

log = logging.getLogger(__name__)
_INSTALL = "install ONNX Runtime for CUDA: pip install ./deploy/gpu . (docs/deployment.md)"


def usable_gpus() -> list[Gpu]:
    """Return the GPUs that ONNX Runtime can use; at least one.

    Raises:
        NoGpuError: the provider is not installed, or there is neither driver nor GPU.

    """
    if CUDA not in onnxruntime().get_available_providers():
        raise NoGpuError(f"this ONNX Runtime computes on CPUs only; {_INSTALL}")
    return list_gpus(load_driver())


def serves_on_gpu(device: str) -> bool:
    """Return whether ONNX Runtime serves on a GPU, by the setting `device`: auto, cpu or gpu.

    With `auto`, one line warns where ONNX Runtime for CUDA is installed and there is no GPU.

    Raises:
        SettingError: `gpu` is demanded, and none can be used.

    """
    if device == "cpu" or (device == "auto" and not _is_installed()):
        return False
    try:
        usable_gpus()
    except NoGpuError as error:
        if device == "gpu":
            raise SettingError(f"--device gpu: {error}; or leave out --device") from None
        log.warning("no GPU, USE runs on the CPU: %s", error)
        return False
    return True


def _is_installed() -> bool:
    try:
        version("onnxruntime-gpu")
    except PackageNotFoundError:
        return False
    return True


def devices() -> list[Device]:
    """Return the GPU that ONNX Runtime computes on; none where no model has been loaded for one."""
    return [Device("GPU:0", usable_gpus()[0].name)] if uses_gpu() else []

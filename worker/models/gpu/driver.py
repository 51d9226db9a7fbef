"""NVIDIA's driver, asked through its C library: which GPUs there are, and how much of their memory is used."""

import ctypes
from ctypes import byref, c_char, c_int, c_size_t, c_void_p
from typing import Any, NamedTuple, TypeAlias

Library: TypeAlias = Any
"""`libcuda.so.1`."""
_NAME_LENGTH = 256


class NoGpuError(Exception):
    """No GPU can be used; the message says why."""


class Gpu(NamedTuple):
    """A GPU."""

    name: str
    memory: int
    """In bytes."""


def load_driver() -> Library:
    """Return the driver's library.

    Raises:
        NoGpuError: it is not installed.

    """
    try:
        return ctypes.CDLL("libcuda.so.1")
    except OSError:
        raise NoGpuError("NVIDIA's driver (libcuda.so.1) is not installed, or the container does not see it") from None


def list_gpus(driver: Library) -> list[Gpu]:
    """Return the GPUs that the driver shows to this process; at least one.

    Raises:
        NoGpuError: the driver fails, or shows none.

    """
    count = c_int()
    if code := driver.cuInit(0) or driver.cuDeviceGetCount(byref(count)):
        raise NoGpuError(f"NVIDIA's driver finds no GPU (CUDA error {code}); see nvidia-smi and CUDA_VISIBLE_DEVICES")
    if not count.value:
        raise NoGpuError("NVIDIA's driver shows no GPU to this process; see nvidia-smi and CUDA_VISIBLE_DEVICES")
    return [_gpu(driver, number) for number in range(count.value)]


def _gpu(driver: Library, number: int) -> Gpu:
    device, name, memory = c_int(), (c_char * _NAME_LENGTH)(), c_size_t()
    driver.cuDeviceGet(byref(device), number)
    driver.cuDeviceGetName(name, _NAME_LENGTH, device)
    driver.cuDeviceTotalMem_v2(byref(memory), device)
    return Gpu(name.value.decode(errors="replace"), memory.value)


def used_memory(driver: Library) -> int:
    """Return the bytes in use on the first GPU, by all processes.

    Raises:
        NoGpuError: the driver does not say.

    """
    device, context, free, total = c_int(), c_void_p(), c_size_t(), c_size_t()
    failed = (
        driver.cuDeviceGet(byref(device), 0)
        or driver.cuDevicePrimaryCtxRetain(byref(context), device)
        or driver.cuCtxPushCurrent_v2(context)
        or driver.cuMemGetInfo_v2(byref(free), byref(total))
    )
    if failed:
        raise NoGpuError(f"the driver does not say how much memory is used (CUDA error {failed})")
    driver.cuCtxPopCurrent_v2(byref(context))
    driver.cuDevicePrimaryCtxRelease_v2(device)
    return total.value - free.value

"""What NVIDIA's driver says, by a library with its functions."""

# The names are the library's.
# ruff: noqa: D102, N802

import ctypes

import pytest

from worker.models.gpu.driver import Gpu, NoGpuError, list_gpus, load_driver


class FakeDriver:
    """The driver's functions, on a machine with GPUs of these names; or one that fails."""

    def __init__(self, *names: str, code: int = 0) -> None:
        self._names, self._code = names, code

    def cuInit(self, flags: int) -> int:
        return self._code

    def cuDeviceGetCount(self, count: "ctypes._CArgObject") -> int:
        count._obj.value = len(self._names)  # type: ignore[attr-defined]
        return 0

    def cuDeviceGet(self, device: "ctypes._CArgObject", number: int) -> int:
        device._obj.value = number  # type: ignore[attr-defined]
        return 0

    def cuDeviceGetName(self, name: "ctypes.Array[ctypes.c_char]", length: int, device: ctypes.c_int) -> int:
        name.value = self._names[device.value].encode()
        return 0

    def cuDeviceTotalMem_v2(self, memory: "ctypes._CArgObject", device: ctypes.c_int) -> int:
        memory._obj.value = 16 * 2**30  # type: ignore[attr-defined]
        return 0


def test_all_gpus_are_listed() -> None:
    """Logs and metrics show which GPU computes."""
    assert list_gpus(FakeDriver("T4", "A10")) == [Gpu("T4", 16 * 2**30), Gpu("A10", 16 * 2**30)]


@pytest.mark.parametrize(
    ("driver", "message"),
    [(FakeDriver(), "shows no GPU to this process"), (FakeDriver("T4", code=100), r"finds no GPU \(CUDA error 100\)")],
    ids=["hidden", "failing"],
)
def test_a_missing_gpu_has_a_reason(driver: FakeDriver, message: str) -> None:
    """The message says whether the driver fails or GPUs are hidden, and where to look."""
    with pytest.raises(NoGpuError, match=f"{message}.*nvidia-smi"):
        list_gpus(driver)


def test_a_missing_driver_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine or a container without the driver is the most frequent case."""

    def missing(_name: str) -> None:
        raise OSError("cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    with pytest.raises(NoGpuError, match=r"driver \(libcuda.so.1\) is not installed"):
        load_driver()

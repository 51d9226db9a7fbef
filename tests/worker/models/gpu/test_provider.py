"""Where ONNX Runtime serves, by the setting and by what is there."""

import pytest

from worker.errors import SettingError
from worker.models.gpu import provider
from worker.models.gpu.driver import Gpu, NoGpuError
from worker.models.gpu.provider import serves_on_gpu


@pytest.fixture
def without_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install ONNX Runtime for CUDA on a machine without a driver."""

    def missing() -> list[Gpu]:
        raise NoGpuError("NVIDIA's driver is not installed")

    monkeypatch.setattr(provider, "_is_installed", lambda: True)
    monkeypatch.setattr(provider, "usable_gpus", missing)


@pytest.mark.usefixtures("without_gpu")
def test_auto_falls_back_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """A worker that was installed for a GPU says once why it labels on the CPU."""
    assert not serves_on_gpu("auto")
    assert [record.getMessage() for record in caplog.records] == [
        "no GPU, USE runs on the CPU: NVIDIA's driver is not installed"
    ]


@pytest.mark.usefixtures("without_gpu")
def test_a_demanded_gpu_that_is_missing_is_the_users_mistake() -> None:
    """With --device gpu a worker does not label slowly in silence."""
    with pytest.raises(SettingError, match="--device gpu: NVIDIA's driver is not installed; or leave out --device"):
        serves_on_gpu("gpu")


@pytest.mark.usefixtures("without_gpu")
def test_cpu_asks_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """With --device cpu there is nothing to warn of."""
    assert not serves_on_gpu("cpu")
    assert not caplog.records


def test_onnx_runtime_for_cpus_is_quiet_unless_a_gpu_is_demanded(caplog: pytest.LogCaptureFixture) -> None:
    """What nearly everybody installs warns of nothing; --device gpu names the command that installs the other."""
    assert not serves_on_gpu("auto")
    assert not caplog.records
    with pytest.raises(SettingError, match=r"computes on CPUs only; install .* pip install ./deploy/gpu \."):
        serves_on_gpu("gpu")


@pytest.mark.parametrize("device", ["auto", "gpu"])
def test_a_gpu_serves(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is a GPU it is measured."""
    monkeypatch.setattr(provider, "_is_installed", lambda: True)
    monkeypatch.setattr(provider, "usable_gpus", lambda: [Gpu("T4", 16 * 2**30)])
    assert serves_on_gpu(device)

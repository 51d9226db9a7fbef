"""Choice of the device."""

from types import SimpleNamespace

import pytest

from training.device import Device, use_device
from worker.errors import SettingError


class Machine:
    """A fake TensorFlow on a machine with the given number of GPUs."""

    def __init__(self, gpus: int) -> None:
        self.gpus = [f"gpu {i}" for i in range(gpus)]
        self.hidden: list[str] = []
        self.config = SimpleNamespace(
            list_physical_devices=lambda kind: self.gpus if kind == "GPU" else ["cpu"],
            set_visible_devices=lambda _visible, kind: self.hidden.append(kind),
        )


@pytest.mark.parametrize(
    ("gpus", "device", "used", "hidden"),
    [(0, "auto", "cpu", []), (1, "auto", "gpu", []), (1, "gpu", "gpu", []), (2, "cpu", "cpu", ["GPU"])],
)
def test_a_gpu_is_used_if_there_is_one(
    gpus: int, device: Device, used: str, hidden: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auto` takes a GPU if there is one, and `cpu` hides the GPUs."""
    machine = Machine(gpus)
    monkeypatch.setattr("training.device.tensorflow", lambda: machine)
    assert use_device(device) == used
    assert machine.hidden == hidden


def test_a_missing_gpu_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --device gpu, a missing driver is an error; training does not silently run on the CPU."""
    monkeypatch.setattr("training.device.tensorflow", lambda: Machine(0))
    with pytest.raises(SettingError, match="finds no GPU"):
        use_device("gpu")

"""Where TensorFlow computes."""

from types import SimpleNamespace

import pytest

from training.device import Device, use_device
from worker.errors import SettingError


class Machine:
    """Stands for TensorFlow on a machine with so many GPUs, which the tests' own may not have."""

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
def test_a_gpu_is_used_where_there_is_one(
    gpus: int, device: Device, used: str, hidden: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auto` takes what there is, `cpu` hides the GPUs."""
    machine = Machine(gpus)
    monkeypatch.setattr("training.device.tensorflow", lambda: machine)
    assert use_device(device) == used
    assert machine.hidden == hidden


def test_a_gpu_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for hours on a CPU for want of a driver."""
    monkeypatch.setattr("training.device.tensorflow", lambda: Machine(0))
    with pytest.raises(SettingError, match="finds no GPU"):
        use_device("gpu")

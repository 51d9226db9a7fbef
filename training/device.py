"""Choice of the device on which TensorFlow computes."""

from typing import Literal, get_args

from worker.errors import SettingError
from worker.models.tensorflow import tensorflow

Device = Literal["auto", "cpu", "gpu"]
DEVICES: tuple[Device, ...] = get_args(Device)


def use_device(device: Device) -> str:
    """Select the device and return it: `cpu` or `gpu`; `auto` takes a GPU if there is one.

    Call it before any other use of TensorFlow.

    Raises:
        SettingError: `gpu` is requested and TensorFlow finds none.

    """
    config = tensorflow().config
    gpus = config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise SettingError(
            "--device gpu: TensorFlow finds no GPU; check nvidia-smi, install the libraries with "
            "pip install 'tweet-cascade[tensorflow-gpu]', or leave out --device"
        )
    if device == "cpu":
        config.set_visible_devices([], "GPU")
    return "gpu" if gpus and device != "cpu" else "cpu"

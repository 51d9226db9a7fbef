"""Where TensorFlow computes."""

from typing import Literal, get_args

from worker.errors import SettingError
from worker.models.tensorflow import tensorflow

Device = Literal["auto", "cpu", "gpu"]
DEVICES: tuple[Device, ...] = get_args(Device)


def use_device(device: Device) -> str:
    """Have TensorFlow use a GPU or not; `auto` uses one where there is one. Return what it uses. Call it first.

    Raises:
        SettingError: a GPU is asked for and TensorFlow finds none.

    """
    config = tensorflow().config
    gpus = config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise SettingError(
            "--device gpu: TensorFlow finds no GPU; see what nvidia-smi says, install what it needs with "
            "pip install 'tweet-cascade[gpu]', or leave --device out"
        )
    if device == "cpu":
        config.set_visible_devices([], "GPU")
    return "gpu" if gpus and device != "cpu" else "cpu"

"""The encoder as training uses it."""

from pathlib import Path

from worker.models.encoder.selection import INT8
from worker.models.use import UseEncoder


def open_encoder(folder: Path, device: str) -> UseEncoder:
    """Return the encoder in a folder: on a CPU in int8, which nearly every worker takes; TensorFlow on a GPU.

    Training does not take what is fastest at the moment, so that the same data give the same models.

    Args:
        folder: of the encoder.
        device: `cpu` or `gpu`.

    """
    return UseEncoder(folder, "tensorflow") if device == "gpu" else UseEncoder(folder, only=INT8)

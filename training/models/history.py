"""Learning curves of a network's training, and their TensorBoard logs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.models.tensorflow import keras

Epoch = dict[str, float]
"""loss and accuracy on the training texts, val_loss and val_accuracy on the held-out texts."""


@dataclass(frozen=True)
class Watch:
    """Records a network's training without changing it."""

    texts: Sequence[str]
    """Held-out texts, shape (n,), on which the network is evaluated after each epoch."""
    targets: NDArray[np.int64]
    """Their targets, 0 or 1, shape (n,)."""
    folder: Path
    """Folder of the TensorBoard logs."""
    epochs: list[Epoch] = field(default_factory=list)
    """Metrics of each epoch."""

    def callbacks(self) -> list[Any]:
        """Clear the epochs and return the Keras callbacks that record the next training."""
        self.epochs.clear()
        remember = keras().callbacks.LambdaCallback(on_epoch_end=lambda _epoch, logs: self.epochs.append(dict(logs)))
        return [remember, keras().callbacks.TensorBoard(self.folder, write_graph=False)]

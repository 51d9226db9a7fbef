"""What is recorded of a network's training: learning curves, and TensorBoard's logs of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.models.tensorflow import keras

Epoch = dict[str, float]
"""loss and accuracy on the training texts, val_loss and val_accuracy on the watched ones."""


@dataclass(frozen=True)
class Watch:
    """Looks on while a network trains, and changes nothing in it."""

    texts: Sequence[str]
    """Held-out texts, shape (n,): the network is evaluated on them after each epoch."""
    targets: NDArray[np.int64]
    """Their targets, 0 or 1, shape (n,)."""
    folder: Path
    """Where TensorBoard's logs go."""
    epochs: list[Epoch] = field(default_factory=list)
    """What was seen, by epoch."""

    def callbacks(self) -> list[Any]:
        """Return Keras callbacks that record the next training; what an earlier one left is forgotten."""
        self.epochs.clear()
        remember = keras().callbacks.LambdaCallback(on_epoch_end=lambda _epoch, logs: self.epochs.append(dict(logs)))
        return [remember, keras().callbacks.TensorBoard(self.folder, write_graph=False)]

"""What the course's Keras models have in common: how they are trained."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from training.models.base import Resources
from worker.models.tensorflow import keras

EPOCHS = 5
BATCH = 32
LEARNING_RATE = 0.001


class Network(ABC):
    """A Keras model to the probability of a disaster, trained as in the course: Adam, binary cross-entropy, 5 epochs.

    One thing differs: the learning rate falls to zero along a cosine (Loshchilov and Hutter 2017). Cross-validated on
    Kaggle's training part, that is two points more accuracy for the networks on words, which overfit without it.

    Attributes:
        network: the Keras model; there from `fit` on.

    """

    network: Any  # Keras has no types

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.array([0, 1])

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train a new network; the same texts, targets and seed give the same one."""
        keras().utils.set_random_seed(self._resources.seed)
        self.network = self.build(texts)
        self.network.compile(optimizer=_optimizer(len(texts)), loss="binary_crossentropy", metrics=["accuracy"])
        inputs = self.inputs(texts)
        self.network.fit(inputs, targets, batch_size=BATCH, epochs=EPOCHS, verbose=0, **self._watched())
        return self

    def _watched(self) -> dict[str, Any]:
        watch = self._resources.watch
        if watch is None:
            return {}
        return {"validation_data": (self.inputs(watch.texts), watch.targets), "callbacks": watch.callbacks()}

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:  # noqa: ARG002 (part of the protocol)
        """Return none: the model does not use the sentence encoder."""
        return []

    @abstractmethod
    def build(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 (Keras has no types)
        """Return an untrained network for the texts."""

    @abstractmethod
    def inputs(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 (a tensor or an array)
        """Return what the network takes for the texts, n of them along the first axis."""


def _optimizer(n_texts: int) -> Any:  # noqa: ANN401 (Keras has no types)
    steps = EPOCHS * math.ceil(n_texts / BATCH)
    return keras().optimizers.Adam(keras().optimizers.schedules.CosineDecay(LEARNING_RATE, steps))

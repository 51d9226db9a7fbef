"""Base of the course's Keras models: how they are trained."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from training.models.base import Resources
from worker.models.tensorflow import KerasModel, Tensor, keras

EPOCHS = 5
BATCH = 32
_SMALLEST_BATCHES = 10_000  # texts in batches of that size; more texts make larger batches, in as many steps
LEARNING_RATE = 0.001

KerasOptimizer: TypeAlias = Any
"""Keras has no types."""


class Network(ABC):
    """A Keras model of P(disaster), trained as in the course: Adam, binary cross-entropy, 5 epochs.

    One difference: the learning rate decays to zero along a cosine (Loshchilov and Hutter 2017). Cross-validated on
    Kaggle's training part, this gains two points of accuracy for the networks on words, which overfit without it.

    Attributes:
        network: the Keras model; set by `fit`.

    """

    network: KerasModel

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns."""
        return np.array([0, 1])

    def fit(self, texts: Sequence[str], targets: NDArray[np.int64]) -> Self:
        """Train a new network; the same texts, targets and seed give the same network."""
        keras().utils.set_random_seed(self._resources.seed)
        self.network = self.build(texts)
        batch = batch_size(len(texts))
        self.network.compile(optimizer=_optimizer(len(texts), batch), loss="binary_crossentropy", metrics=["accuracy"])
        inputs = self.inputs(texts)
        self.network.fit(inputs, targets, batch_size=batch, epochs=EPOCHS, verbose=0, **self._recording())
        return self

    def _recording(self) -> dict[str, Any]:
        """Return the arguments of Keras' `fit` that record the training."""
        watch = self._resources.watch
        if watch is None:
            return {}
        return {"validation_data": (self.inputs(watch.texts), watch.targets), "callbacks": watch.callbacks()}

    def encoder_texts(self, texts: Sequence[str]) -> list[str]:  # noqa: ARG002 (part of the protocol)
        """Return none: the model does not use the sentence encoder."""
        return []

    @abstractmethod
    def build(self, texts: Sequence[str]) -> KerasModel:
        """Return an untrained network for the texts."""

    @abstractmethod
    def inputs(self, texts: Sequence[str]) -> Tensor:
        """Return the network's input for n texts: a tensor or an array whose first axis has length n."""


def batch_size(texts: int) -> int:
    """Return the number of texts in a batch: 32, as in the course, up to 10,000 texts."""
    return BATCH * math.ceil(texts / _SMALLEST_BATCHES)


def _optimizer(n_texts: int, batch: int) -> KerasOptimizer:
    steps = EPOCHS * math.ceil(n_texts / batch)
    return keras().optimizers.Adam(keras().optimizers.schedules.CosineDecay(LEARNING_RATE, steps))

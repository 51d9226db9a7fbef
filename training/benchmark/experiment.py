"""Train, measure and cross-validate one model with one seed."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from training.cascade.folds import split_folds
from training.cascade.out_of_fold import predict_out_of_fold, predict_seconds
from training.data.dataset import Split, targets_of, texts_of
from training.models import REGISTRY, Resources, TrainableClassifier
from training.models.history import Epoch
from worker.types import Floats


@dataclass(frozen=True)
class Experiment:
    """A model's predictions, sizes and times; times in seconds."""

    model: str
    seed: int
    held_out: Floats
    """P(disaster) of the held-out tweets, shape (n,)."""
    out_of_fold: Floats
    """P(disaster) of each training tweet, shape (m,), by a model that was not trained on the tweet."""
    epochs: list[Epoch]
    """Learning curves; empty if the model has none."""
    parameters: int
    trainable_parameters: int
    fit_seconds: float
    predict_seconds: float
    """For all held-out tweets in one call: the median of three, after a warm-up."""

    def as_dict(self) -> dict[str, Any]:
        """Return fields that JSON can represent."""
        return {**asdict(self), "held_out": self.held_out.tolist(), "out_of_fold": self.out_of_fold.tolist()}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Experiment":
        """Return the experiment with these fields, as `as_dict` returned them."""
        return cls(**{**fields, **{name: np.asarray(fields[name]) for name in ("held_out", "out_of_fold")}})


def run_experiment(
    name: str, parts: Split, resources: Resources, advance: Callable[[], None] = lambda: None
) -> tuple[Experiment, TrainableClassifier]:
    """Train and cross-validate a model on the training part, and measure it on the held-out part.

    Args:
        name: of the registry.
        parts: the data.
        resources: the encoder, the seed, and the recorder of the learning curves.
        advance: called after the training and after each fold.

    Returns:
        The experiment and the trained model.

    """
    texts, targets = texts_of(parts.train), targets_of(parts.train)
    start = time.perf_counter()
    model = REGISTRY[name](resources).fit(texts, targets)
    fit_seconds = time.perf_counter() - start
    advance()
    held_out = texts_of(parts.held_out)
    experiment = Experiment(
        model=name,
        seed=resources.seed,
        held_out=model.predict_proba(held_out)[:, 1],
        predict_seconds=predict_seconds(model, held_out, resources.encoder_of(model)),
        out_of_fold=predict_out_of_fold(
            partial(REGISTRY[name], replace(resources, watch=None)),
            texts,
            targets,
            split_folds(targets, resources.seed),
            advance,
        ),
        epochs=resources.watch.epochs if resources.watch else [],
        parameters=model.size.parameters,
        trainable_parameters=model.size.trainable,
        fit_seconds=fit_seconds,
    )
    return experiment, model

"""Every model of the registry on one split: how good, how large, how fast."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from training.data import Split
from training.evaluation import evaluate
from training.fit import targets_of, texts_of
from training.models import REGISTRY, Resources, TrainableClassifier

_REPEATS = 3


@dataclass(frozen=True)
class Row:
    """What was measured of one model on the held-out tweets; times in seconds."""

    model: str
    accuracy: float
    precision: float
    recall: float
    f1: float
    f1_macro: float
    roc_auc: float
    brier: float
    ece: float
    accuracy_low: float
    accuracy_high: float
    parameters: int
    trainable_parameters: int
    fit_seconds: float
    predict_seconds: float
    """For all held-out tweets in one call: the median of three after a warm-up."""
    seconds_per_tweet: float
    tweets_per_second: float

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON and CSV."""
        return asdict(self)


def benchmark(
    names: Sequence[str], parts: Split, resources: Resources, done: Callable[[Row], None] = lambda _row: None
) -> list[Row]:
    """Train each model on the training part and measure it on the held-out part.

    Args:
        names: of the registry.
        parts: the data.
        resources: the encoder and the seed.
        done: told of each row as soon as there is one.

    """
    rows = []
    for row in _rows(names, parts, resources):
        rows.append(row)
        done(row)
    return rows


def _rows(names: Sequence[str], parts: Split, resources: Resources) -> Iterator[Row]:
    texts, targets = texts_of(parts.train), targets_of(parts.train)
    for name in names:
        start = time.perf_counter()
        model = REGISTRY[name](resources).fit(texts, targets)
        yield _measure(name, model, parts, resources, time.perf_counter() - start)


def _measure(name: str, model: TrainableClassifier, parts: Split, resources: Resources, fit_seconds: float) -> Row:
    texts, targets = texts_of(parts.held_out), targets_of(parts.held_out)
    found = evaluate(targets, model.predict_proba(texts)[:, 1])
    seconds = median(_predict_seconds(model, texts, resources) for _ in range(_REPEATS))
    return Row(
        model=name,
        **found,
        parameters=model.size.parameters,
        trainable_parameters=model.size.trainable,
        fit_seconds=fit_seconds,
        predict_seconds=seconds,
        seconds_per_tweet=seconds / len(texts),
        tweets_per_second=len(texts) / seconds,
    )


def _predict_seconds(model: TrainableClassifier, texts: list[str], resources: Resources) -> float:
    with resources.encoder.forgetful():
        start = time.perf_counter()
        model.predict_proba(texts)
        return time.perf_counter() - start

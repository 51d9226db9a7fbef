"""Out-of-fold probabilities and prediction times of models: what a cascade is chosen on."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

import numpy as np
from rich.progress import Progress

from training.cancellation import Check, never_cancel
from training.cascade.folds import Fold, split_folds
from training.data.dataset import Split, Targets, targets_of, texts_of
from training.data.duplicates import Groups
from training.data.reviewed import ReviewedTweets, TrainBeside, nothing_beside
from training.models import REGISTRY, Resources
from training.models.base import TrainableClassifier
from training.models.cached_encoder import CachedEncoder, encode_all
from worker.cascade.stage import readable_probabilities
from worker.types import Floats

_TIMED = 1000  # tweets
_REPEATS = 3


@dataclass(frozen=True)
class OutOfFold:
    """Out-of-fold probabilities and prediction times, by model."""

    targets: Targets
    """Of the training tweets, 0 or 1, shape (n,)."""
    probabilities: Mapping[str, Floats]
    """P(disaster) of each training tweet, shape (n,), by a model that was not trained on the tweet; NaN where the model
    cannot read it."""
    seconds: Mapping[str, float]
    """Prediction time per tweet, measured on a call with a thousand tweets."""
    folds: Sequence[Fold]
    """The folds in which the tweets were predicted."""
    prior: float | None = None
    """The share of disasters in the stream that probabilities are calibrated for; None: as among the targets."""

    def columns(self, names: Sequence[str]) -> Floats:
        """Return the probabilities of these models as columns, shape (n, models)."""
        return np.column_stack([self.probabilities[name] for name in names])


@dataclass(frozen=True)
class CrossValidation:
    """Predictions of the same models for the same tweets in both kinds of folds."""

    random: OutOfFold
    grouped: OutOfFold

    def with_prior(self, prior: float | None) -> "CrossValidation":
        """Return them for a stream with this share of disasters."""
        return CrossValidation(replace(self.random, prior=prior), replace(self.grouped, prior=prior))


def cross_validate(
    names: Sequence[str],
    parts: Split,
    groups: Groups,
    resources: Resources,
    progress: Progress,
    check: Check = never_cancel,
    reviewed: ReviewedTweets | None = None,
) -> tuple[CrossValidation, dict[str, TrainableClassifier]]:
    """Cross-validate and time each model on the training part; return also the models trained on all of it.

    Args:
        names: of the registry.
        parts: the data.
        groups: of the training part's tweets, shape (n,).
        resources: the encoders and the seed.
        progress: shows the steps.
        check: called before each step (512 texts encoded, a model trained); what it raises ends the work.
        reviewed: trained on too, but not beside what they resemble in the fold that is predicted.

    Raises:
        SettingError: the groups do not allow folds.

    """
    texts, targets = texts_of(parts.train), targets_of(parts.train)
    besides = (reviewed.beside, reviewed.beside_groups) if reviewed else (nothing_beside, nothing_beside)
    more = reviewed.all() if reviewed else nothing_beside(np.arange(0))
    for encoder in resources.encoders:
        encode_all(encoder, _texts_to_encode(names, parts, more.texts, resources, encoder), progress, check)
    kinds = [split_folds(targets, resources.seed), split_folds(targets, resources.seed, groups)]
    task = progress.add_task("cross-validating", total=len(names) * (1 + sum(map(len, kinds))))
    advance = partial(progress.advance, task)
    p: list[dict[str, Floats]] = [{}, {}]
    models, seconds = {}, {}
    for name in names:
        build = partial(REGISTRY[name], resources)
        for folds, beside, found in zip(kinds, besides, p, strict=True):
            found[name] = predict_out_of_fold(build, texts, targets, folds, advance, check, beside)
        check()
        models[name] = build().fit([*texts, *more.texts], np.concatenate([targets, more.targets]))
        timed = texts[:_TIMED]
        seconds[name] = predict_seconds(models[name], timed, resources.encoder_of(models[name])) / len(timed)
        advance()
    random, grouped = (OutOfFold(targets, found, seconds, folds) for folds, found in zip(kinds, p, strict=True))
    return CrossValidation(random, grouped), models


def _texts_to_encode(
    names: Sequence[str], parts: Split, more: list[str], resources: Resources, encoder: CachedEncoder
) -> list[str]:
    """Return all texts as the models on this encoder show them to it."""
    texts = [*texts_of(parts.train), *texts_of(parts.held_out), *dict.fromkeys(more)]
    models = [REGISTRY[name](resources) for name in names]
    return [text for m in models if resources.encoder_of(m) is encoder for text in m.encoder_texts(texts)]


def predict_out_of_fold(
    build: Callable[[], TrainableClassifier],
    texts: list[str],
    targets: Targets,
    folds: Sequence[Fold],
    advance: Callable[[], None] = lambda: None,
    check: Check = never_cancel,
    beside: TrainBeside = nothing_beside,
) -> Floats:
    """Return P(disaster) of each text, shape (n,), by a model trained on the other folds; NaN where it cannot read it.

    Args:
        build: returns an untrained model.
        texts: shape (n,).
        targets: 0 or 1, shape (n,).
        folds: from `split_folds`; each text is predicted in one of them.
        advance: called after each fold.
        check: called before each fold; what it raises ends the work.
        beside: what each model is trained on too.

    """
    p = np.empty(len(texts))
    for train, test in folds:
        check()
        more = beside(test)
        model = build().fit([*(texts[i] for i in train), *more.texts], np.concatenate([targets[train], more.targets]))
        p[test] = readable_probabilities(model, [texts[i] for i in test])
        advance()
    return p


def predict_seconds(model: TrainableClassifier, texts: list[str], encoder: CachedEncoder) -> float:
    """Return the time that one call with all texts takes, encoding included: the median of three calls."""
    return median(_time_call(model, texts, encoder) for _ in range(_REPEATS))


def _time_call(model: TrainableClassifier, texts: list[str], encoder: CachedEncoder) -> float:
    with encoder.bypassed():
        start = time.perf_counter()
        model.predict_proba(texts)
        return time.perf_counter() - start

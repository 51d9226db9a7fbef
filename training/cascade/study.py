"""Every model that a cascade may be made of: trained, cross-validated, and timed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from rich.progress import Progress

from training.benchmark.experiment import predict_seconds
from training.cancellation import Check, never_cancel
from training.cascade.out_of_fold import FOLDS, out_of_fold
from training.data.dataset import Split, Targets, targets_of, texts_of
from training.models import REGISTRY, Resources, TrainableClassifier
from training.models.cached_encoder import encode_all
from worker.models.text_cleaning import clean
from worker.types import Floats

_TIMED = 1000  # tweets


@dataclass(frozen=True)
class Study:
    """What is known of the models."""

    targets: Targets
    """Of the training tweets, shape (n,)."""
    said: Mapping[str, Floats]
    """P(disaster) of the training tweets by model, shape (n,), each by a model that did not see the tweet."""
    seconds: Mapping[str, float]
    """Of computing one of a thousand tweets, by model."""

    def of(self, names: Sequence[str]) -> Floats:
        """Return what these models said, shape (n, models)."""
        return np.column_stack([self.said[name] for name in names])


def study(
    names: Sequence[str], parts: Split, resources: Resources, progress: Progress, check: Check = never_cancel
) -> tuple[Study, dict[str, TrainableClassifier]]:
    """Return what is known of the models, and the models, trained on all of the training part.

    `check` is called before each step (512 texts encoded, a model trained); what it raises ends the work.
    """
    encode_all(resources.encoder, _encoded(names, parts), progress, check)
    texts, targets = texts_of(parts.train), targets_of(parts.train)
    task = progress.add_task("cross-validating", total=(FOLDS + 1) * len(names))
    advance = partial(progress.advance, task)
    said, seconds, models = {}, {}, {}
    for name in names:
        said[name] = out_of_fold(partial(REGISTRY[name], resources), texts, targets, resources.seed, advance, check)
        check()
        models[name] = REGISTRY[name](resources).fit(texts, targets)
        timed = texts[:_TIMED]
        seconds[name] = predict_seconds(models[name], timed, resources.encoder) / len(timed)
        advance()
    return Study(targets, said, seconds), models


def _encoded(names: Sequence[str], parts: Split) -> list[str]:
    """Return the texts as the models will show them to the encoder."""
    texts = [*texts_of(parts.train), *texts_of(parts.held_out)]
    raw = texts if "tf_hub_sentence_encoder" in names else []
    return raw + ([clean(text) for text in texts] if "use_svm" in names else [])

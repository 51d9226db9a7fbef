"""A benchmark's figures: a row per model, and how the models compare."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.benchmark.experiment import Experiment
from training.data.dataset import Targets
from training.evaluation import accuracy_difference, evaluate
from worker.types import Floats


@dataclass(frozen=True)
class ResultRow:
    """A model's figures on the held-out tweets; times in seconds.

    An ensemble calls its members one after another: its sizes and times are the sums of theirs.
    """

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


@dataclass(frozen=True)
class Comparison:
    """A model's figures beside those of the others and of other seeds."""

    out_of_fold_accuracy: float
    """On the training tweets: nine times as many as held-out ones, so a third of the standard error."""
    difference: tuple[float, float, float]
    """Held-out accuracy less the baseline's, and its paired 95 % bootstrap interval: value, low, high."""
    by_seed: dict[int, float]
    """Held-out accuracy by seed."""

    @property
    def spread(self) -> str:
        """Mean and standard deviation over the seeds; empty for a single seed."""
        values = list(self.by_seed.values())
        return f"{fmean(values):.4f} ± {stdev(values):.4f}" if len(values) > 1 else ""


def result_row(experiment: Experiment, targets: Targets) -> ResultRow:
    """Return a model's figures on the held-out tweets, whose targets, 0 or 1, have shape (n,)."""
    return ResultRow(
        model=experiment.model,
        **evaluate(targets, experiment.held_out),
        parameters=experiment.parameters,
        trainable_parameters=experiment.trainable_parameters,
        fit_seconds=experiment.fit_seconds,
        predict_seconds=experiment.predict_seconds,
        seconds_per_tweet=experiment.predict_seconds / len(targets),
        tweets_per_second=len(targets) / experiment.predict_seconds,
    )


def compare_models(
    runs: Sequence[Mapping[str, Experiment]], held_out: Targets, train: Targets
) -> dict[str, Comparison]:
    """Return each model's comparison, by model.

    Args:
        runs: the experiments by model, a mapping per seed; the first one is reported, the others show the spread.
        held_out: targets, shape (n,).
        train: targets, shape (m,).

    """
    first = runs[0]
    reference = first.get("baseline") or next(iter(first.values()))
    return {
        name: Comparison(
            out_of_fold_accuracy=float(_correct(e.out_of_fold, train).mean()),
            difference=accuracy_difference(_correct(e.held_out, held_out), _correct(reference.held_out, held_out)),
            by_seed={
                run[name].seed: float(_correct(run[name].held_out, held_out).mean()) for run in runs if name in run
            },
        )
        for name, e in first.items()
    }


def _correct(p: Floats, targets: Targets) -> NDArray[np.bool_]:
    return np.asarray((p >= 0.5) == targets)

"""What a benchmark reports: rows of figures."""

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
class Row:
    """What was measured of one model on the held-out tweets; times in seconds.

    An ensemble asks its members one after another: its sizes and times are the sums of theirs.
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
    """What stands beside a model's row."""

    out_of_fold_accuracy: float
    """On the training tweets, by cross-validation: nine times the tweets, so a third of the error."""
    difference: tuple[float, float, float]
    """Held-out accuracy less the baseline's, with the paired 95 % bootstrap interval: value, low, high."""
    by_seed: dict[int, float]
    """Held-out accuracy by seed."""

    @property
    def spread(self) -> str:
        """Mean and standard deviation over the seeds; empty where there is one seed."""
        values = list(self.by_seed.values())
        return f"{fmean(values):.4f} ± {stdev(values):.4f}" if len(values) > 1 else ""


def row(experiment: Experiment, targets: Targets) -> Row:
    """Return a model's figures on the held-out tweets, whose targets, 0 or 1, have shape (n,)."""
    return Row(
        model=experiment.model,
        **evaluate(targets, experiment.held_out),
        parameters=experiment.parameters,
        trainable_parameters=experiment.trainable_parameters,
        fit_seconds=experiment.fit_seconds,
        predict_seconds=experiment.predict_seconds,
        seconds_per_tweet=experiment.predict_seconds / len(targets),
        tweets_per_second=len(targets) / experiment.predict_seconds,
    )


def compare(runs: Sequence[Mapping[str, Experiment]], held_out: Targets, train: Targets) -> dict[str, Comparison]:
    """Return, by model, how it compares.

    Args:
        runs: the experiments by model, a mapping for each seed; the first one counts, the others show the spread.
        held_out: targets, shape (n,).
        train: targets, shape (m,).

    """
    first = runs[0]
    reference = first.get("baseline") or next(iter(first.values()))
    return {
        name: Comparison(
            out_of_fold_accuracy=float(_right(e.out_of_fold, train).mean()),
            difference=accuracy_difference(_right(e.held_out, held_out), _right(reference.held_out, held_out)),
            by_seed={run[name].seed: float(_right(run[name].held_out, held_out).mean()) for run in runs if name in run},
        )
        for name, e in first.items()
    }


def _right(p: Floats, targets: Targets) -> NDArray[np.bool_]:
    return np.asarray((p >= 0.5) == targets)

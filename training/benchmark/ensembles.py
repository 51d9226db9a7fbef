"""Ensembles of the models, from their predictions alone. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from schemas import Combiner
from training.benchmark.experiment import Experiment
from training.cascade.folds import FOLDS
from training.data.dataset import Targets
from worker.cascade.calibration import log_odds
from worker.models.ensemble import combine
from worker.types import Floats

Method = Literal["average", "vote", "stacking"]
METHODS: tuple[Method, ...] = get_args(Method)
CHAPTER = ("baseline", "lstm", "tf_hub_sentence_encoder")
"""Members of the course chapter's ensemble."""

Experiments = Mapping[str, Experiment]
"""By the models' names; all with one seed."""


@dataclass(frozen=True)
class EnsembleExperiment:
    """An ensemble and what was measured of it."""

    members: tuple[str, ...]
    combiner: Combiner
    experiment: Experiment


def ensembles(experiments: Experiments, targets: Targets) -> Iterator[EnsembleExperiment]:
    """Yield the chapter's ensemble and the selected one, each by all three methods.

    The chapter's is left out if a member is missing, the selected one if there is only one model.

    Args:
        experiments: of the models.
        targets: of the training tweets, 0 or 1, shape (m,).

    """
    if experiments.keys() >= set(CHAPTER):
        for method in METHODS:
            yield _ensemble(f"ensemble_{method}", method, CHAPTER, experiments, targets)
    if len(experiments) > 1:
        for method in METHODS:
            members = select_members(method, experiments, targets)
            yield _ensemble(f"best_{method}", method, members, experiments, targets)


def select_members(method: Method, experiments: Experiments, targets: Targets) -> tuple[str, ...]:
    """Return the members with the smallest Brier score, by forward selection (Caruana et al. 2004), in models' order.

    Start with the best single model and add the model that helps most until all are in. Return the best set on the
    way that has two or more members; for a vote their number is odd, so that no vote is tied. With ten models that is
    55 sets to score instead of the 1,013 that there are. Only out-of-fold predictions are used, no held-out ones.
    """

    def brier(members: Sequence[str]) -> float:
        p = combine_out_of_fold(method, _out_of_fold(members, experiments), targets)
        return float(np.mean((p - targets) ** 2))

    path = _forward_selection(list(experiments), brier)
    allowed = [members for members in path if len(members) > 1 and (method != "vote" or len(members) % 2)]
    best = min(allowed or path[1:2], key=brier)  # two models cannot vote without ties: take both
    return tuple(name for name in experiments if name in best)


def _forward_selection(names: Sequence[str], loss: Callable[[Sequence[str]], float]) -> list[list[str]]:
    """Return nested sets of names of sizes 1, 2 and so on: each adds the name with which the loss is smallest."""
    path: list[list[str]] = [[]]
    while len(path[-1]) < len(names):
        larger = [[*path[-1], name] for name in names if name not in path[-1]]
        path.append(min(larger, key=loss))
    return path[1:]


def combine_out_of_fold(method: Method, p: Floats, targets: Targets) -> Floats:
    """Return an ensemble's P(disaster) of the training tweets, shape (m,), each made without the tweet's target.

    Args:
        method: of combining.
        p: out-of-fold predictions by each member, shape (m, members).
        targets: 0 or 1, shape (m,).

    """
    if method != "stacking":
        return combine(Combiner(how=method), p)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    predicted = cross_val_predict(_stacker(), log_odds(p), targets, cv=folds, method="predict_proba")
    return np.asarray(predicted[:, 1])


def fit_combiner(method: Method, p: Floats, targets: Targets) -> Combiner:
    """Return the combiner for members with these out-of-fold predictions, shape (m, members)."""
    if method != "stacking":
        return Combiner(how=method)
    model = _stacker().fit(log_odds(p), targets)
    return Combiner(how=method, weights=model.coef_[0].tolist(), bias=float(model.intercept_[0]))


def _stacker() -> LogisticRegression:
    return LogisticRegression(solver="newton-cholesky")  # several times faster with few weights and many tweets


def chapter_average(experiments: Experiments) -> Floats:
    """Return the average that the chapter's notebook rounds to labels, shape (n held-out tweets,).

    For the baseline it takes `max(predict_proba)`, the probability of whichever class the baseline predicts: a
    confident "no" counts as a confident "yes". It is reported beside the correct average, to show what it costs.
    """
    first, *others = (experiments[name].held_out for name in CHAPTER)
    return np.asarray((np.maximum(first, 1 - first) + sum(others)) / len(CHAPTER))


def _ensemble(
    name: str, method: Method, members: tuple[str, ...], experiments: Experiments, targets: Targets
) -> EnsembleExperiment:
    """Fit an ensemble; its parameters and times are the sums of its members'."""
    singles = [experiments[member] for member in members]
    p = _out_of_fold(members, experiments)
    combiner = fit_combiner(method, p, targets)
    weights = len(members) + 1 if method == "stacking" else 0
    experiment = Experiment(
        model=name,
        seed=singles[0].seed,
        held_out=combine(combiner, np.column_stack([single.held_out for single in singles])),
        out_of_fold=combine_out_of_fold(method, p, targets),
        epochs=[],
        parameters=sum(single.parameters for single in singles) + weights,
        trainable_parameters=sum(single.trainable_parameters for single in singles) + weights,
        fit_seconds=sum(single.fit_seconds for single in singles),
        predict_seconds=sum(single.predict_seconds for single in singles),
    )
    return EnsembleExperiment(members, combiner, experiment)


def _out_of_fold(members: Sequence[str], experiments: Experiments) -> Floats:
    return np.column_stack([experiments[member].out_of_fold for member in members])

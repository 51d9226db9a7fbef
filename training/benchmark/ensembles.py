"""Ensembles of the models: the chapter's three ways, put together from predictions alone. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from schemas import Combiner
from training.benchmark.experiment import Experiment
from training.cascade.out_of_fold import FOLDS
from training.data.dataset import Targets
from worker.models.ensemble import combine, log_odds
from worker.types import Floats

Way = Literal["average", "vote", "stacking"]
WAYS: tuple[Way, ...] = get_args(Way)
CHAPTER = ("baseline", "lstm", "tf_hub_sentence_encoder")
"""The members of the course's own ensemble."""

Experiments = Mapping[str, Experiment]


@dataclass(frozen=True)
class Team:
    """An ensemble: who is in it, how they answer as one, and what was found out about it."""

    members: tuple[str, ...]
    combiner: Combiner
    experiment: Experiment


def ensembles(experiments: Experiments, targets: Targets) -> Iterator[Team]:
    """Yield the chapter's ensemble and the best one, each in all three ways.

    The best is the set of models whose combined out-of-fold predictions have the smallest Brier score; what is held
    out has no say. Sets for which models are missing are left out.

    Args:
        experiments: by the models' names; all with one seed.
        targets: of the training tweets, 0 or 1, shape (m,).

    """
    if experiments.keys() >= set(CHAPTER):
        yield from (_team(f"ensemble_{way}", way, CHAPTER, experiments, targets) for way in WAYS)
    if len(experiments) > 1:
        for way in WAYS:
            yield _team(f"best_{way}", way, best_members(way, experiments, targets), experiments, targets)


def best_members(way: Way, experiments: Experiments, targets: Targets) -> tuple[str, ...]:
    """Return the two or more models that are best together; of odd number where they vote, so that no vote is tied."""

    def brier(members: tuple[str, ...]) -> float:
        return float(np.mean((unseen(way, _out_of_fold(members, experiments), targets) - targets) ** 2))

    sizes = [size for size in range(2, len(experiments) + 1) if size % 2 or way != "vote"]
    sets = [members for size in sizes or [2] for members in combinations(experiments, size)]
    return min(sets, key=brier)


def unseen(way: Way, p: Floats, targets: Targets) -> Floats:
    """Return an ensemble's P(disaster) of the training tweets, shape (m,), each of them made without its target.

    Args:
        way: of the ensemble.
        p: out-of-fold predictions by each member, shape (m, members).
        targets: 0 or 1, shape (m,).

    """
    if way != "stacking":
        return combine(Combiner(how=way), p)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    told = cross_val_predict(_stacker(), log_odds(p), targets, cv=folds, method="predict_proba")
    return np.asarray(told[:, 1])


def fit_combiner(way: Way, p: Floats, targets: Targets) -> Combiner:
    """Return the combiner for members with these out-of-fold predictions, shape (m, members)."""
    if way != "stacking":
        return Combiner(how=way)
    model = _stacker().fit(log_odds(p), targets)
    return Combiner(how=way, weights=model.coef_[0].tolist(), bias=float(model.intercept_[0]))


def _stacker() -> LogisticRegression:
    return LogisticRegression(solver="newton-cholesky")  # with few weights and many tweets, several times faster


def chapter_average(experiments: Experiments) -> Floats:
    """Return what the chapter's notebook rounds to its verdicts, shape (n held-out tweets,).

    It takes the baseline's `max(predict_proba)`, which is not the probability of a disaster but that of whatever the
    baseline says: a sure "no" counts as a sure "yes". Kept to show what it costs.
    """
    first, *others = (experiments[name].held_out for name in CHAPTER)
    return np.asarray((np.maximum(first, 1 - first) + sum(others)) / len(CHAPTER))


def _team(name: str, way: Way, members: tuple[str, ...], experiments: Experiments, targets: Targets) -> Team:
    asked = [experiments[member] for member in members]
    p = _out_of_fold(members, experiments)
    combiner = fit_combiner(way, p, targets)
    own = len(members) + 1 if way == "stacking" else 0
    experiment = Experiment(
        model=name,
        seed=asked[0].seed,
        held_out=combine(combiner, np.column_stack([member.held_out for member in asked])),
        out_of_fold=unseen(way, p, targets),
        epochs=[],
        parameters=_sum(asked, "parameters") + own,
        trainable_parameters=_sum(asked, "trainable_parameters") + own,
        fit_seconds=sum(member.fit_seconds for member in asked),
        predict_seconds=sum(member.predict_seconds for member in asked),
    )
    return Team(members, combiner, experiment)


def _sum(asked: Sequence[Experiment], what: str) -> int:
    return sum(getattr(member, what) for member in asked)


def _out_of_fold(members: Sequence[str], experiments: Experiments) -> Floats:
    return np.column_stack([experiments[member].out_of_fold for member in members])

"""The HTML report of a fitted cascade."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from schemas import FoldFigures, Manifest
from training.cascade.candidates import Candidate
from training.cascade.fit import FitResult
from training.cascade.selection import Goal, choose
from training.pictures import cascade as pictures
from training.pictures.comparison import Picture
from training.pictures.style import svg
from training.report.page import facts_table, template
from worker.cli.sanitize import sanitize
from worker.errors import SettingError
from worker.types import Floats

_LIMITS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
_EXAMPLES = 6  # tweets in each group


@dataclass(frozen=True)
class Example:
    """A training tweet with its cross-fitted prediction."""

    text: str
    probability: float
    stage: str
    target: int

    @property
    def correct(self) -> bool:
        """Whether the predicted label is the true label."""
        return (self.probability >= 0.5) == self.target


def write_report(fitted: FitResult, path: Path) -> None:
    """Write the report.

    Raises:
        SettingError: the file cannot be written.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(fitted), encoding="utf-8")
    except OSError as error:
        raise SettingError(
            f"cannot write the report {path}: {error.strerror}; choose another file with --report"
        ) from error


def render(fitted: FitResult) -> str:
    """Return the report as HTML; text from tweets is escaped."""
    manifest, policy = fitted.manifest, fitted.manifest.policy
    page = template("cascade.html")
    return page.render(
        m=manifest, policy=policy, chosen=fitted.chosen, pictures=list(_pictures(fitted)), groups=_groups(fitted),
        limits=_limits(fitted), facts=_facts(fitted), kinds=_kinds(manifest),
        reach={name: fitted.routing.reach(n) for n, name in enumerate(fitted.chosen.chain)},
    )  # fmt: skip


def _kinds(manifest: Manifest) -> dict[str, tuple[str, FoldFigures]]:
    """Return the figures in both kinds of folds, with the prefix of their metrics, by heading."""
    policy = manifest.policy
    if policy is None:
        return {}
    return {
        f"unseen groups ({policy.grouped_by})": ("grouped", policy.grouped),
        "random folds": ("out_of_fold", policy.random),
    }


def _limits(fitted: FitResult) -> dict[float, Candidate]:
    """Return the most accurate candidate by limit on deferral."""
    return {limit: choose(Goal(max_deferral=limit), fitted.candidates) for limit in _LIMITS}


def _pictures(fitted: FitResult) -> Iterator[Picture]:
    policy, classes = fitted.manifest.policy, fitted.manifest.classes
    p, targets = fitted.routing.probability, fitted.targets
    drawings = {
        _BY_DEFERRAL: pictures.accuracy_by_deferral(fitted.candidates, fitted.chosen),
        _F1: pictures.f1_by_deferral(policy.curve if policy else [], fitted.chosen.point),
        _BY_SPEED: pictures.accuracy_by_speed(fitted.candidates, fitted.chosen),
        _CALIBRATION: pictures.calibration(p, targets, fitted.prior, classes[1]),
        _HISTOGRAM: pictures.probabilities(p, targets, classes),
    }
    for n, (caption, axes) in enumerate(drawings.items()):
        yield Picture(axes.get_title(), caption, svg(axes, f"p{n}"))


def _groups(fitted: FitResult) -> dict[str, list[Example]]:
    """Return the tweets nearest to a decision boundary: to the band of a stage, or to 0.5 at the last stage."""
    groups = {}
    for n, stage in enumerate(fitted.manifest.stages):
        if stage.band:
            decided = np.flatnonzero(fitted.routing.decided_by == n)
            p = fitted.routing.probability[decided]
            distance = np.minimum(np.abs(p - stage.band.low), np.abs(p - stage.band.high))
            groups[f"Decided by {stage.name}, nearest to its band"] = _nearest(fitted, decided, distance)
    last = np.flatnonzero(fitted.routing.decided_by == len(fitted.chosen.chain) - 1)
    undecided = np.abs(fitted.routing.probability[last] - 0.5)
    return {**groups, f"Decided by {fitted.chosen.chain[-1]}, nearest to 0.5": _nearest(fitted, last, undecided)}


def _nearest(fitted: FitResult, rows: NDArray[np.intp], distance: Floats) -> list[Example]:
    return [_example(fitted, int(i)) for i in rows[np.argsort(distance, kind="stable")][:_EXAMPLES]]


def _example(fitted: FitResult, i: int) -> Example:
    stage = fitted.chosen.chain[fitted.routing.decided_by[i]]
    return Example(sanitize(fitted.texts[i]), float(fitted.routing.probability[i]), stage, int(fitted.targets[i]))


def _facts(fitted: FitResult) -> dict[str, str]:
    m = fitted.manifest
    return facts_table(
        version=m.model_version,
        data=f"{m.data.name}, {m.data.train_rows:,} training tweets, {m.data.held_out_rows:,} held out",
        sha256_of_train_csv=m.data.sha256,
        seed=m.seed,
        seconds_measured_on=m.policy.device.upper() if m.policy else "",
        versions=", ".join(f"{name} {version}" for name, version in m.versions.items()),
    )


_BY_DEFERRAL = (
    "In folds of unseen groups, cross-fitted: models, blends and bands that decide a tweet were fitted without its "
    "group. For a chain of three stages, the best middle band at each share is drawn."
)
_F1 = (
    "The chosen chain, compared with the best last stage applied to every tweet. The lower bound is one-sided, from a "
    "paired bootstrap."
)
_BY_SPEED = "Measured on this machine with a thousand tweets per call, without Kafka."
_CALIBRATION = (
    "On the dashed line the probabilities are calibrated; training tweets are weighted to the share of this class that "
    "the stream is assumed to have."
)
_HISTOGRAM = "Cross-fitted probabilities of the training tweets, as the cascade would publish them for unseen groups."

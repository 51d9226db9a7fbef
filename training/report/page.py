"""From what a benchmark found out to a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib.axes import Axes

from training.data import Targets
from training.experiment import Experiment
from training.pictures import models as draw
from training.pictures.style import svg
from training.results import Comparison, Row
from training.wrong import Mistake


@dataclass(frozen=True)
class Findings:
    """What the page shows."""

    rows: list[Row]
    comparisons: dict[str, Comparison]
    experiments: dict[str, Experiment]
    """By model, the ensembles last."""
    members: dict[str, tuple[str, ...]]
    """Of each ensemble."""
    targets: Targets
    """Of the held-out tweets, shape (n,)."""
    chapter: dict[str, float] | None
    """Scores of the average as the chapter's notebook takes it; None where its members are missing."""
    wrong_of: str
    """The model whose mistakes are shown."""
    mistakes: tuple[list[Mistake], list[Mistake]]
    """False positives and false negatives."""
    facts: dict[str, str]
    """What else a reader wants to know, in order: data, versions, machine."""
    command: str
    """How to make it again."""


@dataclass(frozen=True)
class Picture:
    """A drawing and what it shows."""

    title: str
    caption: str
    svg: str


def render(findings: Findings) -> str:
    """Return the page's HTML; whatever comes from tweets is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    best = max(findings.rows, key=lambda row: findings.comparisons[row.model].out_of_fold_accuracy)
    return environment.get_template("page.html").render(f=findings, best=best, pictures=list(_pictures(findings)))


def _pictures(findings: Findings) -> Iterator[Picture]:
    for i, (title, caption, axes) in enumerate(_drawings(findings)):
        yield Picture(title, caption, svg(axes, f"p{i}"))


def _drawings(f: Findings) -> Iterator[tuple[str, str, Axes]]:
    singles = {name: e for name, e in f.experiments.items() if name not in f.members}
    learned = [e for e in singles.values() if e.epochs]
    yield "How good", "Bars whose intervals overlap widely may stand in any order.", draw.accuracy_bars(f.rows)
    yield "How fast", _SPEED.format(len(f.targets)), draw.speed_and_score(f.rows, list(singles))
    if learned:
        yield "Learning: loss", _LOSS, draw.learning_curves(learned, "loss", "cross-entropy")[0]
        yield "Learning: accuracy", _ACCURACY, draw.learning_curves(learned, "accuracy", "accuracy")[0]
    yield "Confusion", _CONFUSION, draw.confusion_matrices(list(f.experiments.values()), f.targets)[0]
    yield "Calibration", _CALIBRATION, draw.calibration_curves(f.experiments, f.targets)[0]
    yield (
        "ROC",
        "Every threshold at once; the area below the curve is the table's AUC.",
        draw.roc_curves(f.experiments, f.targets),
    )


_SPEED = (
    "All {} held-out tweets in one call, after a warm-up, the median of three; texts to vectors included. "
    "An ensemble takes its members' times together."
)
_LOSS = "Held-out loss that rises while the training loss falls is overfitting."
_ACCURACY = "Looked at only: nothing, the number of epochs included, was chosen by it."
_CONFUSION = "Rows are the truth, columns the verdicts at P(disaster) of 0.5."
_CALIBRATION = "On the dashed line a probability means what it says; below it, the model is too sure of disasters."


def facts_table(**facts: Any) -> dict[str, str]:  # noqa: ANN401 (anything with a string)
    """Return names and values as they are shown."""
    return {name.replace("_", " "): str(value) for name, value in facts.items()}

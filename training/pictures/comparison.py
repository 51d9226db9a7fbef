"""The pictures of a comparison, in the order of the report."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from training.benchmark.experiment import Experiment
from training.benchmark.results import ResultRow
from training.data.dataset import Targets
from training.pictures import models
from training.pictures.style import svg


@dataclass(frozen=True)
class Picture:
    """A drawing and what it shows."""

    title: str
    caption: str
    svg: str


def draw(
    rows: Sequence[ResultRow], experiments: Mapping[str, Experiment], ensembles: Collection[str], targets: Targets
) -> list[Picture]:
    """Return all pictures.

    Args:
        rows: the models' figures.
        experiments: by model.
        ensembles: names of those that are ensembles.
        targets: of the held-out tweets, shape (n,).

    """
    singles = [experiment for name, experiment in experiments.items() if name not in ensembles]
    drawings = [
        *_figures(rows, singles, targets),
        ("ROC", _ROC, models.roc_curves(experiments, targets)),
        *_curves(singles),
        *_verdicts(experiments, targets),
    ]
    return [Picture(title, caption, svg(axes, f"p{i}")) for i, (title, caption, axes) in enumerate(drawings)]


Drawings = Iterator[tuple[str, str, Axes]]


def _figures(rows: Sequence[ResultRow], singles: Sequence[Experiment], targets: Targets) -> Drawings:
    yield "How good", "Bars whose intervals overlap widely may stand in any order.", models.accuracy_bars(rows)
    yield "How fast", _SPEED.format(len(targets)), models.speed_and_score(rows, [e.model for e in singles])
    yield "By metric", "Precision, recall and F1 at a threshold of 0.5.", models.metric_bars(rows)[0]


def _curves(singles: Sequence[Experiment]) -> Drawings:
    learned = [experiment for experiment in singles if experiment.epochs]
    if learned:
        yield "Learning: loss", _LOSS, models.learning_curves(learned, "loss", "cross-entropy")[0]
        yield "Learning: accuracy", _ACCURACY, models.learning_curves(learned, "accuracy", "accuracy")[0]


def _verdicts(experiments: Mapping[str, Experiment], targets: Targets) -> Drawings:
    yield "Confusion", _CONFUSION, models.confusion_matrices(list(experiments.values()), targets)[0]
    yield "Calibration", _CALIBRATION, models.calibration_curves(experiments, targets)[0]


_SPEED = (
    "All {} held-out tweets in one call, after a warm-up, the median of three; texts to vectors included. "
    "An ensemble takes its members' times together."
)
_LOSS = "Held-out loss that rises while the training loss falls is overfitting."
_ACCURACY = "Looked at only: nothing, the number of epochs included, was chosen by it."
_CONFUSION = "Rows are the truth, columns the verdicts at P(disaster) of 0.5."
_CALIBRATION = "On the dashed line a probability means what it says; below it, the model is too sure of disasters."
_ROC = "Every threshold at once; the area below a curve is the table's AUC."

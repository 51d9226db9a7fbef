"""The pictures of the benchmark's report, in its order."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from schemas import CLASSES, ClassNames
from training.benchmark.experiment import Experiment
from training.benchmark.results import ResultRow
from training.data.dataset import Targets
from training.pictures import models
from training.pictures.style import svg


@dataclass(frozen=True)
class Picture:
    """An SVG drawing with title and caption."""

    title: str
    caption: str
    svg: str


def draw(
    rows: Sequence[ResultRow],
    experiments: Mapping[str, Experiment],
    ensembles: Collection[str],
    targets: Targets,
    classes: ClassNames = CLASSES,
) -> list[Picture]:
    """Return all pictures.

    Args:
        rows: metrics, one row per model.
        experiments: by model.
        ensembles: names of the models that are ensembles.
        targets: of the held-out tweets, 0 or 1, shape (n,).
        classes: names of the targets 0 and 1.

    """
    singles = [experiment for name, experiment in experiments.items() if name not in ensembles]
    drawings = [
        *_figures(rows, singles, targets),
        ("ROC", _ROC, models.roc_curves(experiments, targets)),
        *_curves(singles),
        *_verdicts(experiments, targets, classes),
    ]
    return [Picture(title, caption, svg(axes, f"p{i}")) for i, (title, caption, axes) in enumerate(drawings)]


Drawings = Iterator[tuple[str, str, Axes]]


def _figures(rows: Sequence[ResultRow], singles: Sequence[Experiment], targets: Targets) -> Drawings:
    yield (
        "Accuracy",
        "Where intervals overlap widely, the order of the models may be chance.",
        models.accuracy_bars(rows),
    )
    yield "Speed", _SPEED.format(len(targets)), models.speed_and_score(rows, [e.model for e in singles])
    yield "Other metrics", "Precision, recall and F1 at a threshold of 0.5.", models.metric_bars(rows)[0]


def _curves(singles: Sequence[Experiment]) -> Drawings:
    learned = [experiment for experiment in singles if experiment.epochs]
    if learned:
        yield "Learning curves: loss", _LOSS, models.learning_curves(learned, "loss", "cross-entropy")[0]
        yield "Learning curves: accuracy", _ACCURACY, models.learning_curves(learned, "accuracy", "accuracy")[0]


def _verdicts(experiments: Mapping[str, Experiment], targets: Targets, classes: ClassNames) -> Drawings:
    yield "Confusion matrices", _CONFUSION, models.confusion_matrices(list(experiments.values()), targets, classes)[0]
    yield "Calibration", _CALIBRATION, models.calibration_curves(experiments, targets, classes[1])[0]


_SPEED = (
    "Median of three calls with all {} held-out tweets, after a warm-up; encoding included. "
    "The time of an ensemble is the sum of its members' times."
)
_LOSS = "Held-out loss that rises while the training loss falls is overfitting."
_ACCURACY = "For information only: nothing was chosen by held-out accuracy, not even the number of epochs."
_CONFUSION = "Rows are true labels, columns are predicted labels at a threshold of 0.5."
_CALIBRATION = "On the dashed line the probabilities are calibrated; below it, the model overestimates this class."
_ROC = "One point per threshold; the area under a curve is the AUC of the table."

"""Pictures that compare models."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, roc_curve

from schemas import CLASSES, ClassNames
from training.benchmark.experiment import Experiment
from training.benchmark.results import ResultRow
from training.data.dataset import Targets
from training.pictures.frontier import frontier
from training.pictures.style import BLUE, COLOURS, FAINT, GREEN, INK, ORANGE, new_axes, new_grid, plain


def accuracy_bars(rows: Sequence[ResultRow]) -> Axes:
    """Draw each model's accuracy with its 95 % interval, and its weighted F1."""
    axes = new_axes("Accuracy and weighted F1 on the held-out tweets", 7.2, 0.6 + 0.36 * len(rows))
    y, accuracy = np.arange(len(rows)), np.array([r.accuracy for r in rows])
    spread = [accuracy - [r.accuracy_low for r in rows], [r.accuracy_high for r in rows] - accuracy]
    axes.barh(y, accuracy, color=BLUE, alpha=0.75, label="accuracy, with its 95 % interval")
    axes.errorbar(accuracy, y, xerr=np.array(spread), fmt="none", ecolor=INK, elinewidth=1, capsize=3)
    axes.plot([r.f1 for r in rows], y, "D", color=ORANGE, markersize=5, label="weighted F1")
    axes.set_yticks(y, [r.model for r in rows])
    axes.invert_yaxis()
    axes.set_xlim(left=max(0.0, min(r.accuracy_low for r in rows) - 0.05))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.04 - 0.5 / len(rows)), ncols=2)
    return axes


def metric_bars(rows: Sequence[ResultRow]) -> list[Axes]:
    """Draw the other metrics as bars, one small plot per metric."""
    metrics = {
        "precision": "weighted precision",
        "recall": "weighted recall",
        "f1_macro": "macro F1",
        "roc_auc": "ROC AUC",
        "brier": "Brier score (0 is best)",
        "ece": "calibration error (0 is best)",
    }
    grid = new_grid(list(metrics.values()), columns=2, size=3.6, height=0.6 + 0.2 * len(rows), share_x=False)
    for axes, metric in zip(grid, metrics, strict=True):
        values = [getattr(r, metric) for r in rows]
        axes.barh(range(len(rows)), values, color=GREEN if metric in {"brier", "ece"} else BLUE, alpha=0.75)
        axes.set_xlim(left=0 if metric in {"brier", "ece"} else max(0.0, min(values) - 0.05))
        axes.set_yticks(range(len(rows)), [r.model for r in rows], fontsize=8)
    grid[0].invert_yaxis()
    return grid


def speed_and_score(rows: Sequence[ResultRow], deployable: Sequence[str]) -> Axes:
    """Draw weighted F1 against seconds per tweet; a line connects the Pareto frontier.

    Args:
        rows: metrics, one row per model.
        deployable: names of the single models, drawn as dots; the others are ensembles, drawn as triangles.

    """
    axes = new_axes("Speed and score: up and to the left is better", 7.2, 4.4)
    best = frontier(rows, lambda r: r.seconds_per_tweet, lambda r: r.f1)
    axes.plot([r.seconds_per_tweet for r in best], [r.f1 for r in best], color=GREEN, label="frontier", zorder=1)
    for r in rows:
        single = r.model in deployable
        axes.plot(r.seconds_per_tweet, r.f1, "o" if single else "^", color=BLUE if single else ORANGE, markersize=7)
        if single or r in best:  # ensembles crowd together; only those on the frontier are named
            axes.annotate(r.model, (r.seconds_per_tweet, r.f1), (5, 4), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", xlabel="seconds per tweet", ylabel="weighted F1")
    axes.margins(x=0.18)
    axes.legend(loc="lower left")
    return axes


def learning_curves(experiments: Sequence[Experiment], what: str, label: str) -> list[Axes]:
    """Draw `loss` or `accuracy` by epoch, on the training and the held-out tweets, one small plot per model."""
    grid = new_grid([e.model for e in experiments])
    for axes, experiment in zip(grid, experiments, strict=True):
        epochs = range(1, len(experiment.epochs) + 1)
        axes.plot(epochs, [e[what] for e in experiment.epochs], color=BLUE, label="training")
        axes.plot(epochs, [e[f"val_{what}"] for e in experiment.epochs], color=ORANGE, label="held out")
        axes.set_xlabel("epoch")
    grid[0].set_ylabel(label)
    grid[0].legend(fontsize=8)
    return grid


def confusion_matrices(
    experiments: Sequence[Experiment], targets: Targets, classes: ClassNames = CLASSES
) -> list[Axes]:
    """Draw the confusion matrices, one small plot per model."""
    grid = new_grid([e.model for e in experiments])
    for axes, experiment in zip(grid, experiments, strict=True):
        counts = confusion_matrix(targets, experiment.held_out >= 0.5, labels=[0, 1])
        axes.pcolormesh(counts, cmap="Blues", vmin=0, vmax=len(targets) * 0.75, alpha=0.6)
        for (true, predicted), count in np.ndenumerate(counts):
            axes.text(predicted + 0.5, true + 0.5, f"{count}", ha="center", va="center", fontsize=12)
        axes.set_xticks([0.5, 1.5], list(map(plain, classes)))
        axes.set_yticks([0.5, 1.5], list(map(plain, classes)), rotation=90, va="center")
        axes.set_xlabel("predicted label")
        axes.grid(visible=False)
    grid[0].invert_yaxis()
    grid[0].set_ylabel("true label")
    return grid


def calibration_curves(experiments: Mapping[str, Experiment], targets: Targets, name: str = CLASSES[1]) -> list[Axes]:
    """Draw the share of the named class, 1, against the predicted probability, one small plot per model."""
    grid = new_grid(list(experiments))
    for axes, experiment in zip(grid, experiments.values(), strict=True):
        share, mean = calibration_curve(targets, experiment.held_out, n_bins=10)
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
        axes.plot(mean, share, "o-", color=BLUE, markersize=4)
        axes.set_xlabel(f"predicted P({plain(name)})")
    grid[0].set_ylabel(f"share of {plain(name)}")
    return grid


def roc_curves(experiments: Mapping[str, Experiment], targets: Targets) -> Axes:
    """Draw the ROC curves of all models in one plot."""
    axes = new_axes("ROC curves", 7.2, 5.2)
    axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    for i, (name, experiment) in enumerate(experiments.items()):
        false_positives, true_positives, _ = roc_curve(targets, experiment.held_out)
        style = "-" if i < len(COLOURS) else ":"
        axes.plot(false_positives, true_positives, style, color=COLOURS[i % len(COLOURS)], label=name, linewidth=1.4)
    axes.set(xlabel="false positive rate", ylabel="true positive rate")
    axes.legend(fontsize=8, loc="lower right")
    return axes

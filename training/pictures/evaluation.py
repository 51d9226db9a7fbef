"""Picture of an artifact's evaluation by group."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from training.artifact_evaluation.groups import Evaluation, GroupResult
from training.pictures.style import BLUE, FAINT, GREEN, ORANGE, RED, new_grid
from worker.cli.sanitize import sanitize

_MOST = 30  # groups
_LETTERS = 28  # of a group's name
_COLORS = {"broken": RED, "kept": GREEN}


def draw_groups(evaluation: Evaluation) -> Axes:
    """Draw each group's accuracy beside the strong stage's, and its overruled share beside the promised one."""
    results = evaluation.results[: _MOST + 1][::-1]
    height = 1.2 + 0.26 * len(results)
    accuracy, overruled = new_grid(
        ["Accuracy", "Early decisions that the last stage overrules"], 2, 4.6, height, share_x=False
    )
    _draw_accuracy(accuracy, results)
    _draw_overruled(overruled, results, evaluation)
    accuracy.set_yticks(range(len(results)), [_name(result) for result in results], fontsize=8)
    return accuracy


def _draw_accuracy(axes: Axes, results: Sequence[GroupResult]) -> None:
    rows = range(len(results))
    here, strong = ([100 * getattr(r, which).accuracy for r in results] for which in ("cascade", "strong"))
    axes.hlines(rows, here, strong, color=FAINT, linewidth=1.5)
    axes.plot(strong, rows, "o", color=BLUE, markersize=5, label="the last stage on every tweet")
    axes.plot(here, rows, "D", color=ORANGE, markersize=5, label="the cascade")
    axes.set(xlabel="%")
    axes.legend(fontsize=8, loc="best")


def _draw_overruled(axes: Axes, results: Sequence[GroupResult], evaluation: Evaluation) -> None:
    for row, result in enumerate(results):
        found, color = result.overruled, _COLORS.get(evaluation.verdict(result) or "", FAINT)
        axes.hlines(row, 100 * found.low, 100 * found.high, color=color, linewidth=1.5)
        axes.plot([100 * found.share], [row], "o", color=color, markersize=5)
    if evaluation.policy:
        promised = 100 * evaluation.policy.overruled_high
        axes.axvline(promised, color=FAINT, linestyle="--", linewidth=1, label="promised at most")
        axes.legend(fontsize=8, loc="best")
    axes.set(xlabel="%, with its 95 % bounds")


def _name(result: GroupResult) -> str:
    name = sanitize(result.group) or "(none)"
    return f"{name if len(name) <= _LETTERS else name[: _LETTERS - 1] + '…'}, {result.tweets:,}"

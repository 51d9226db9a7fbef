"""What `evaluate` prints: tables, or JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas import FoldFigures
from training.artifact_evaluation.comparison import Comparison
from training.artifact_evaluation.groups import Evaluation, GroupResult, Measures
from worker.cli.sanitize import sanitize

_MOST = 40  # groups in the table; --json has all
_WIDE = 120  # characters of a line that has room for all columns
_PIPE = 160  # of a line of a file or a pipe
_STYLES = {"broken": "bold red", "kept": "green", "unclear": ""}


def show(evaluation: Evaluation, console: Console, comparison: Comparison | None = None) -> None:
    """Print a table of all tweets, one of the groups, one of the changes against another artifact, and remarks."""
    if not console.is_terminal:
        console.width = max(console.width, _PIPE)
    console.print(_total_table(evaluation))
    if len(evaluation.groups) > 1:
        console.print(_group_table(evaluation, console.width))
    if comparison:
        console.print(_comparison_table(comparison))
    for remark in _remarks(evaluation):
        console.print(remark, markup=False, soft_wrap=True)


def _total_table(evaluation: Evaluation) -> Table:
    total, last = evaluation.total, evaluation.manifest.stages[-1].name
    title = f"{total.tweets:,} tweets, {total.disasters:.0%} of them of class {evaluation.manifest.classes[1]}"
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE)
    policy = evaluation.policy
    training = (f"training:\nunseen {policy.grouped_by}", "training:\nrandom folds") if policy else ()
    for name in ("", "cascade", f"{last} on\nevery tweet", *training):
        table.add_column(name, justify="right" if name else "left")
    names = ("accuracy", "weighted F1", "macro F1", "AUC", "calibration error", "reach the last stage",
             "early decisions overruled", "at most (95 %)")  # fmt: skip
    for row in zip(names, *_total_columns(evaluation), strict=True):
        table.add_row(*row)
    return table


def _total_columns(evaluation: Evaluation) -> Iterator[list[str]]:
    """Yield the figures of the cascade, of its strong stage, and of the cascade at training."""
    total, policy = evaluation.total, evaluation.policy
    shares = (total.deferral, total.overruled.share, total.overruled.high)
    yield [*_scores(total.cascade), *map(_percent, shares)]
    yield [*_scores(total.strong), *map(_percent, (None, None, None))]
    if policy:
        yield from map(_trained, (policy.grouped, policy.random))


def _scores(measures: Measures) -> list[str]:
    rest = (measures.f1, measures.f1_macro, measures.roc_auc, measures.calibration_error)
    return [_percent(measures.accuracy), *map(_score, rest)]


def _trained(figures: FoldFigures) -> list[str]:
    point = figures.point
    scores = (point.f1, None, None, figures.calibration_error)
    shares = (point.deferral, figures.overruled, figures.overruled_high)
    return [_percent(point.accuracy), *map(_score, scores), *map(_percent, shares)]


def _group_table(evaluation: Evaluation, width: int) -> Table:
    title = "By group, the largest gap to the strong stage first; in percent but for F1, AUC and calibration error"
    table = Table(title=title, title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("group", overflow="fold", min_width=10)
    columns = [_group_cells(evaluation, result, wide=width >= _WIDE) for result in evaluation.groups[:_MOST]]
    for name in columns[0]:
        table.add_column(name, justify="right", no_wrap=True)
    for result, cells in zip(evaluation.groups, columns, strict=False):
        table.add_row(Text(sanitize(result.group) or "(none)"), *cells.values())
    if len(evaluation.groups) > _MOST:
        table.caption = f"and {len(evaluation.groups) - _MOST:,} groups with smaller gaps; --json has all"
    return table


def _group_cells(evaluation: Evaluation, result: GroupResult, *, wide: bool) -> dict[str, Text | str]:
    """Return a group's cells by the columns' headings; those that a narrow terminal has no room for are optional."""
    here, overruled, verdict = result.cascade, result.overruled, evaluation.verdict(result)
    scores = {
        "F1": _score(here.f1),
        "macro\nF1": _score(here.f1_macro),
        "AUC": _score(here.roc_auc),
        "strong\nAUC": _score(result.strong.roc_auc),
        "calibr.\nerror": _score(here.calibration_error),
    }
    return {
        "tweets": f"{result.tweets:,}",
        "accu-\nracy": f"{100 * here.accuracy:.1f}",
        "strong\nstage": f"{100 * result.strong.accuracy:.1f}",
        "gap": f"{100 * result.gap:+.1f}",
        **(scores if wide else {}),
        "defer-\nred": f"{100 * result.deferral:.1f}",
        "over-\nruled": f"{100 * overruled.share:.1f}",
        "at\nmost": f"{100 * overruled.high:.1f}",
        **({"promise": Text(verdict, _STYLES[verdict])} if verdict else {}),
    }


def _comparison_table(comparison: Comparison) -> Table:
    title = f"Accuracy against {sanitize(comparison.against)}, in percent; the largest loss first"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for name in ("group", "tweets", "before", "after", "change", "95 % interval"):
        table.add_column(name, justify="left" if name == "group" else "right")
    for one in comparison.changes[: _MOST + 1]:
        change = f"{100 * one.difference:+.1f}", f"{100 * one.low:+.1f} to {100 * one.high:+.1f}"
        accuracies = f"{100 * one.before:.1f}", f"{100 * one.after:.1f}"
        table.add_row(Text(sanitize(one.group) or "(none)"), f"{one.tweets:,}", *accuracies, *change)
    return table


def _remarks(evaluation: Evaluation) -> Iterator[str]:
    if left_out := evaluation.left_out:
        labels = ", ".join(f"{sanitize(label)} ({rows:,})" for label, rows in left_out.most_common())
        yield f"{left_out.total():,} rows are left out, whose label is neither: {labels}"
    if policy := evaluation.policy:
        broken = len(evaluation.broken)
        tested = len(evaluation.results)
        yield (
            f"Promise: the last stage overrules at most {policy.overruled_high:.1%} of the early decisions. "
            + (
                f"Broken, with 95 % confidence, in {broken} of {tested} results."
                if broken
                else "Not shown to be broken."
            )
        )


def as_json(evaluation: Evaluation, comparison: Comparison | None = None) -> dict[str, Any]:
    """Return all figures, ready for JSON."""
    policy = evaluation.policy
    return {
        "model_version": evaluation.manifest.model_version,
        "promised": {"overruled": policy.overruled, "overruled_high": policy.overruled_high} if policy else None,
        "broken": evaluation.broken,
        "left_out": dict(evaluation.left_out),
        "all": _result_json(evaluation, evaluation.total),
        "groups": [_result_json(evaluation, result) for result in evaluation.groups],
        "against": comparison
        and {
            "model_version": comparison.against,
            "changes": [{**one._asdict(), "difference": one.difference} for one in comparison.changes],
        },
    }


def _result_json(evaluation: Evaluation, result: GroupResult) -> dict[str, Any]:
    return {**asdict(result), "gap": result.gap, "promise": evaluation.verdict(result)}


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _score(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"

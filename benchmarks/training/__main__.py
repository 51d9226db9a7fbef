"""`python -m benchmarks.training`: what training costs by the number of rows."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.results.facts import machine_facts, print_facts
from benchmarks.results.output import TableRow, add_json_flag, new_table, require_writable, wide_console, write_json
from benchmarks.training.fits import Fit, measure_fit
from benchmarks.training.rows import Row, as_frame, draw_rows
from training.commands.flags import number
from training.data.dataset import find_dataset
from training.data.groups import DEFAULT_COLUMNS
from worker.cli import app

_DESCRIPTION = """\
Runs `training fit` on labelled rows, once for each number of them. Where the data have fewer rows, further ones are
made of them: the same words in another order, almost half of them replaced. Shows time and memory, what a row costs
beside the first number, and what the last stage costs a tweet."""

_COLUMNS = ("rows", "made", "s", "CPU s", "MB", "CPU ms a row", "beside the first", "last stage, us", "accuracy")


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.training", _DESCRIPTION)
    flag = parser.add_argument
    flag("data", nargs="*", type=Path, metavar="FILE",
         help="labelled files, or Kaggle's folder (default: as for `training fit`)")  # fmt: skip
    flag("--rows", type=number, nargs="+", default=[7000, 20_000, 60_000], metavar="N",
         help="numbers of rows (default: 7000 20000 60000; 200000 takes half an hour)")  # fmt: skip
    flag("--stages", metavar="MODELS", help="the only chain to try (default: all that `training fit` tries)")
    add_json_flag(parser)
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Train, print and write."""
    require_writable(arguments.json)
    console, found = wide_console(), list[TableRow]()
    rows = _labelled_rows(find_dataset(*arguments.data).labelled)
    facts = machine_facts(labelled=str(len(rows)))
    print_facts(facts, console)
    for result in _measure(rows, arguments):
        found.append(result | {"beside the first": _cost(result) / _cost(found[0] if found else result)})
        write_json(arguments.json, found, facts)
    table = new_table("", *_COLUMNS)
    for one in found:
        table.add_row(*(f"{one[name]:,.3g}" if isinstance(one[name], float) else f"{one[name]:,}" for name in _COLUMNS))
    console.print(table)
    return 0


def _labelled_rows(labelled: pd.DataFrame) -> list[Row]:
    group = next((name for name in DEFAULT_COLUMNS if name in labelled), None)
    groups = labelled[group].fillna("").astype(str) if group else [""] * len(labelled)
    return [Row(*row) for row in zip(groups, labelled.text.astype(str), labelled.target.astype(int), strict=True)]


def _measure(rows: list[Row], arguments: Namespace) -> Iterator[TableRow]:
    flags = ["--stages", arguments.stages] if arguments.stages else []
    for count in arguments.rows:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{count}.jsonl"
            as_frame(draw_rows(rows, count)).to_json(file, orient="records", lines=True)
            fit = measure_fit(file, Path(folder) / "artifact", flags)
        yield {"rows": count, "made": max(0, count - len(rows)), **_figures(fit, count)}


def _figures(fit: Fit, rows: int) -> TableRow:
    policy = fit.manifest.policy
    last = list(policy.stages.values())[-1].seconds * 1e6 if policy else 0.0
    return {
        "s": round(fit.seconds),
        "CPU s": round(fit.cpu_seconds),
        "MB": round(fit.peak_mb),
        "CPU ms a row": fit.cpu_seconds / rows * 1000,
        "last stage, us": last,
        "accuracy": fit.manifest.metrics["out_of_fold_accuracy"],
    }


def _cost(result: TableRow) -> float:
    return float(str(result["CPU ms a row"]))


if __name__ == "__main__":
    app.run(build_parser())

"""Tables on the console, and rows as JSON."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from worker.cli.console import new_console
from worker.errors import SettingError

TableRow = dict[str, object]
"""A row of a benchmark's table: column names and values, as JSON has them."""
_TABLE_WIDTH = 120


def wide_console() -> Console:
    """Return a console that is wide enough for the tables even if it is a file."""
    console = new_console()
    if not console.is_terminal:
        console.width = max(console.width, _TABLE_WIDTH)
    return console


def add_json_flag(parser: ArgumentParser) -> None:
    """Add --json, the path for `require_writable` and `write_json`."""
    parser.add_argument(
        "--json", type=Path, metavar="FILE",
        help="write the rows there as a list, and the facts that they depend on to its .facts.json",
    )  # fmt: skip


def require_writable(path: Path | None) -> None:
    """Check that the file's folder exists, before the long measurement.

    Raises:
        SettingError: it does not.

    """
    if path and not path.parent.is_dir():
        raise SettingError(f"cannot write {path}: there is no folder {path.parent}")


def write_json(path: Path | None, rows: Sequence[TableRow], facts: Mapping[str, str]) -> None:
    """Write the rows as a list, and the facts that they depend on to NAME.facts.json; without a path write nothing."""
    if path:
        path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
        path.with_suffix(".facts.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def new_table(title: str, *columns: str) -> Table:
    """Return a table with left-aligned names in the first column and right-aligned numbers in the others."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(columns[0], no_wrap=True)
    for name in columns[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    return table

"""`python -m benchmarks.drift`: an artifact on a stream that turns to other tweets and back."""

import csv
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.drift.replay import Stream, ask, replayed
from benchmarks.results.facts import machine_facts, print_facts
from benchmarks.results.output import TableRow, add_json_flag, new_table, require_writable, wide_console, write_json
from worker.cascade.cascade import ThresholdCascade
from worker.cli import app
from worker.errors import DataError, SettingError
from worker.files.columns import find_column

_DESCRIPTION = """\
Labels a long stream drawn at random from two sets of tweets: those of --home, those of --away, both, and those of
--home again. Shows for each phase which share of the early decisions the last stage would overrule, and which share of
the tweets reaches it, with the bands as trained and as the worker widens them. Every stage is asked about each tweet
once; the stream repeats what they said."""

_COLUMNS = (
    "phase",
    "tweets",
    "audits",
    "to last move",
    "overruled: trained",
    "held",
    "after",
    "reach: trained",
    "held",
)


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.drift", _DESCRIPTION)
    flag = parser.add_argument
    flag("--artifact", type=Path, default=Path("models/default"), metavar="DIR",
         help="the cascade (default: models/default)")  # fmt: skip
    flag("--home", type=Path, nargs="+", required=True, metavar="FILE", help="CSV of tweets like the training tweets")
    flag("--away", type=Path, nargs="+", required=True, metavar="FILE", help="CSV of other tweets")
    flag("--home-column", default="text", metavar="NAME", help="column of their texts (default: text)")
    flag("--away-column", default="text", metavar="NAME", help="column of their texts (default: text)")
    flag("--audit-share", type=float, default=0.01, metavar="SHARE", help="of the tweets to audit (default: 0.01)")
    flag("--batch-size", type=int, default=1000, metavar="N", help="tweets in a batch (default: 1000)")
    flag("--batches", type=int, default=300, metavar="N", help="of each phase (default: 300)")
    flag("--seed", type=int, default=0, metavar="N", help="of all that is random (default: 0)")
    add_json_flag(parser)
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Replay the stream, print and write."""
    from worker.models import load_artifact

    require_writable(arguments.json)
    home = read_texts(arguments.home, arguments.home_column, "--home-column")
    away = read_texts(arguments.away, arguments.away_column, "--away-column")
    cascade = load_artifact(arguments.artifact).cascade
    if not cascade.policy or len(cascade.stages) < 2:
        raise SettingError(f"{arguments.artifact} promises nothing: it has a single stage, or no policy")
    rows = replay(cascade, home, away, arguments)
    facts = machine_facts(
        artifact=f"{arguments.artifact}, {cascade.version}", promise=f"{cascade.policy.overruled_high:.1%} overruled",
        tweets=f"{len(home):,} at home, {len(away):,} away",
    )  # fmt: skip
    print_facts(facts, wide_console())
    _print(rows)
    write_json(arguments.json, rows, facts)
    return 0


def read_texts(paths: Sequence[Path], column: str, flag: str) -> list[str]:
    """Return the texts in a column of CSV files.

    Raises:
        DataError: a file cannot be read or has no such column.

    """
    found = []
    for path in paths:
        try:
            with path.open(encoding="utf-8", newline="") as file:
                header, *rows = csv.reader(file)
        except (OSError, ValueError, csv.Error) as error:
            raise DataError(f"cannot read {path}: {error}") from None
        index = find_column(header, column, flag, str(path))
        found += [row[index] for row in rows if len(row) == len(header)]
    return found


def replay(cascade: ThresholdCascade, home: list[str], away: list[str], arguments: Namespace) -> list[TableRow]:
    """Return a row for each phase."""
    answers = ask(cascade, home + away)
    stream = Stream(replayed(cascade, answers), answers, arguments.audit_share, arguments.seed)
    at_home, elsewhere = np.arange(len(home)), np.arange(len(home), len(home) + len(away))
    share = min(len(home), len(away))
    both = np.concatenate([at_home[:share], elsewhere[:share]])
    phases = {"home": at_home, "away": elsewhere, "both": both, "home again": at_home}
    return [stream.phase(name, tweets, arguments.batches, arguments.batch_size) for name, tweets in phases.items()]


def _print(rows: Sequence[TableRow]) -> None:
    table = new_table("Early decisions that the last stage overrules, and tweets that reach it", *_COLUMNS)
    for row in rows:
        *values, _widths = row.values()
        table.add_row(*(f"{value:.1%}" if isinstance(value, float) else str(value) for value in values))
    console = wide_console()
    console.print(table)
    for row in rows:
        console.print(f"{row['phase']}: widths {row['widths'] or 'as trained'}", highlight=False)


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

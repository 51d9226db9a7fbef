"""`review`: let a person label the tweets that training gains most from."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.flags import count, number
from training.commands.read_data import show_remarks
from training.commands.review.flags import shares
from worker.cli import app
from worker.cli.console import new_console
from worker.errors import SettingError
from worker.files.bad_rows import add_file_flags
from worker.settings import KafkaSettings
from worker.settings_cli import add_flags

if TYPE_CHECKING:
    from training.review.sheet import Sheet

_DESCRIPTION = """\
Picks tweets worth a person's look, and shows them one after the other: y and n give the two labels, s skips, u takes
the last answer back, q quits. Each answer is in the review file at once; the same command continues where it ended.
With --csv the file is only written, to be filled in with a spreadsheet; the same command without it then shows what is
left and sums up. `fit --reviewed FILE` trains on the labels.

The tweets come from files, or without FILE from the labelled topic. A worker's --copy-field text makes labels carry
their text. Tweets that have no label yet, and all with --artifact, are labelled by the artifact first.

A random share estimates the accuracy on the stream without bias. The others are chosen: tweets that stand for many
(spread), where the last stage overrules an earlier one, at the boundary, and those whose words the first stage knows
least. Each row says why it was picked, and with what probability. Of near-duplicates one is picked."""

_EXAMPLES = """
examples:
  python -m training review tweets.jsonl --artifact models/default             200 tweets of a file
  python -m training review labels.jsonl --number 50 --out friday.csv          what `worker tail --json` has printed
  python -m training review --bootstrap-servers kafka:9092                     the labelled topic itself
  python -m training review mine.csv --csv --out review.csv                    a file to fill in
  python -m training review --out review.csv                                   continue, or sum up what is filled in
  python -m training review mine.csv --shares random=1                         only measure
  python -m training fit --reviewed review.csv --out models/next               train on the labels too
"""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands, "review", command, help="label the tweets that training gains most from",
        usage="%(prog)s [FILE ...] [--artifact DIR] [--out FILE] [--number N] [--csv] [SETTINGS]",
        description=_DESCRIPTION, epilog=_EXAMPLES,
    )  # fmt: skip
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE",
        help="tweets, or labels with texts: CSV, TSV, JSON or Parquet, also in .gz or .zip (default: the labelled "
        "topic)",
    )  # fmt: skip
    parser.add_argument(
        "--artifact", type=Path, metavar="DIR",
        help="artifact that labels the tweets (default: the labels of the topic, where the tweets have them; else "
        "models/default)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=Path("review.csv"), metavar="FILE",
        help="the review file; where it exists, its review is continued (default: review.csv)",
    )  # fmt: skip
    parser.add_argument("--number", type=number, default=200, metavar="N", help="tweets to pick (default: 200)")
    parser.add_argument(
        "--shares", type=shares, metavar="REASON=SHARE,...",
        help="what tweets are picked for: random, spread, boundary, overruled, unknown; the shares add up to 1 "
        "(default: random=0.25,spread=0.6,boundary=0.05,overruled=0.05,unknown=0.05)",
    )  # fmt: skip
    parser.add_argument("--csv", action="store_true", help="only write the review file, to fill in elsewhere")
    parser.add_argument("--seed", type=count, default=42, metavar="N", help="seed of the draws (default: 42)")
    parser.add_argument(
        "--last", type=number, default=100_000, metavar="N",
        help="how many of the last labels of each of the topic's partitions to read (default: 100000)",
    )  # fmt: skip
    add_file_flags(parser)
    add_flags(parser, KafkaSettings)


def command(arguments: Namespace) -> int:
    """Pick tweets or continue; show them, or leave that to a spreadsheet; sum up."""
    from training.commands.review.summary import summary

    if not arguments.csv and not sys.stdin.isatty() and not arguments.out.exists():
        raise SettingError("standard input is not a terminal; --csv writes the tweets to a file, to be filled in")
    sheet = _sheet(arguments)
    if not arguments.csv and sys.stdin.isatty():
        _show(sheet)
    for line in summary(sheet):
        new_console().print(line, markup=False, soft_wrap=True)
    return 0


def _sheet(arguments: Namespace) -> "Sheet":
    from training.commands.review.picks import pick_tweets
    from training.review.sheet import read_sheet

    if not arguments.out.exists():
        sheet = pick_tweets(arguments)
        sheet.save()
        show_remarks([f"wrote {arguments.out}: {len(sheet.rows):,} tweets to label"])
        return sheet
    if arguments.csv:
        raise SettingError(f"--csv: {arguments.out} exists; continue it without --csv, or name another file with --out")
    if arguments.files:
        show_remarks([f"continuing {arguments.out}; to pick other tweets, name another file with --out"])
    return read_sheet(arguments.out)


def _show(sheet: "Sheet") -> None:
    from training.review.keyboard import pressed_keys
    from training.review.session import Session
    from training.review.terminal import review

    session = Session(sheet)
    if session.row:
        with pressed_keys(sys.stdin.fileno()) as keys:
            review(session, new_console(), keys)

"""`explore`: what the labelled tweets are like."""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.commands.options import add_data_flag
from worker.cli import app
from worker.cli.console import new_console
from worker.errors import SettingError

if TYPE_CHECKING:
    import pandas as pd

    from training.data.profile import Facts

_DESCRIPTION = """\
Shows what the labelled tweets are like before any model sees them: the balance of the classes, lengths, duplicates and
those whose labels contradict each other, the most frequent and the most telling words, missing values, keywords and
locations, and some tweets at random. Seconds for Kaggle's 7,613 tweets."""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser: ArgumentParser = commands.add_parser(
        "explore", help="see what the data are like", description=_DESCRIPTION, formatter_class=app.HelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR",
        help="write facts.json and the pictures, as SVG, into this folder as well",
    )  # fmt: skip
    parser.add_argument(
        "--sample", type=_count, default=5, metavar="N", help="how many tweets to show at random (default: 5)"
    )
    parser.add_argument("--seed", type=_count, default=42, metavar="S", help="for these tweets (default: 42)")
    add_data_flag(parser)
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Show the facts; write them where the user wants them."""
    from training.commands.explore_tables import show
    from training.commands.fit import describe
    from training.data.dataset import find_dataset
    from training.data.profile import explore, sample

    dataset = find_dataset(arguments.data)
    new_console(stderr=True).print(f"exploring [bold]{describe(dataset)}[/bold]")
    facts = explore(dataset.labelled)
    tweets = sample(dataset.labelled, arguments.sample, arguments.seed)
    show(facts, tweets, new_console())
    if arguments.out:
        _write(facts, tweets, arguments.out)
    return 0


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:  # the most that a seed of numpy's may be
        raise ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def _write(facts: "Facts", tweets: "pd.DataFrame", folder: Path) -> None:
    from training.pictures.data_profile import write_pictures

    content = {**facts.as_dict(), "sample": tweets[["id", "text", "target"]].to_dict("records")}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "facts.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        pictures = write_pictures(facts, folder)
    except OSError as error:
        raise SettingError(f"--out: cannot write into {folder}: {error.strerror}") from error
    names = ", ".join(path.name for path in pictures)
    new_console().print(f"wrote facts.json, {names} into {folder}", markup=False, soft_wrap=True)

"""`explore`: profile the labelled tweets."""

import json
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.describe import describe
from training.commands.flags import add_labelled_data_flags, count
from training.commands.read_data import read_data
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.errors import SettingError

if TYPE_CHECKING:
    import pandas as pd

    from training.data.profile import Facts

_DESCRIPTION = """\
Profiles the labelled tweets: class balance, lengths, duplicates and those with contradictory labels, the most frequent
and the most telling words, missing values, keywords and locations, and a random sample of tweets. It takes seconds for
Kaggle's 7,613 tweets, about a minute for 200,000."""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(commands, "explore", command, help="profile the data", description=_DESCRIPTION)
    parser.add_argument(
        "--out", type=Path, metavar="DIR",
        help="also write facts.json and the pictures, as SVG, into this folder",
    )  # fmt: skip
    parser.add_argument("--sample", type=count, default=5, metavar="N", help="size of the random sample (default: 5)")
    parser.add_argument("--seed", type=count, default=42, metavar="S", help="seed of the random sample (default: 42)")
    add_labelled_data_flags(parser)


def command(arguments: Namespace) -> int:
    """Print the profile; with `--out`, write it as well."""
    from training.commands.tables.profile import show
    from training.data.profile import explore, sample

    dataset = read_data(arguments, "explore")
    new_console(stderr=True).print(f"exploring [bold]{describe(dataset)}[/bold]")
    with progress_bar(new_console(stderr=True)) as progress:
        task = progress.add_task("looking for duplicates", total=len(dataset.labelled))
        facts = explore(dataset.labelled, advance=partial(progress.advance, task), classes=dataset.classes)
    tweets = sample(dataset.labelled, arguments.sample, arguments.seed)
    show(facts, tweets, new_console())
    if arguments.out:
        _write(facts, tweets, arguments.out)
    return 0


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

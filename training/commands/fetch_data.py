"""`fetch`: download Kaggle's tweets."""

from argparse import Namespace
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from worker.cli import app
from worker.cli.console import new_console

_DESCRIPTION = """\
Downloads the course's zip of Kaggle's "Real or Not?" tweets, verifies it (7,613 labelled and 3,263 other tweets), and
writes train.csv and test.csv where the other commands find them. An interrupted download is resumed."""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(commands, "fetch", command, help="download Kaggle's tweets", description=_DESCRIPTION)
    parser.add_argument(
        "--out", type=Path, default=Path("data"), metavar="DIR", help="folder for the files (default: data)"
    )
    parser.add_argument(
        "--url", metavar="SOURCE",
        help="another URL of the zip, or the path of Kaggle's own zip or folder (default: the course's zip)",
    )  # fmt: skip


def command(arguments: Namespace) -> int:
    """Download with a progress bar and print how many tweets there are."""
    from training.data.fetch import URL, fetch

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=new_console(stderr=True)) as progress:
        task = progress.add_task("fetching", total=None)
        source = arguments.url or URL
        data = fetch(source, arguments.out, lambda done, total: progress.update(task, completed=done, total=total))
    others = 0 if data.unlabelled is None else len(data.unlabelled)
    print(f"{arguments.out} has Kaggle's tweets: {len(data.labelled):,} labelled, {others:,} others")
    return 0

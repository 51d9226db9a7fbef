"""`fetch`: Kaggle's tweets."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from worker.cli import app
from worker.cli.console import new_console

_DESCRIPTION = """\
Downloads the course's zip with Kaggle's "Real or Not?" tweets, verifies what came (7,613 labelled and 3,263 other
tweets), and puts train.csv and test.csv where the other commands find them. A download that broke off is resumed."""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "fetch", help="get Kaggle's tweets", description=_DESCRIPTION, formatter_class=app.HelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("data"), metavar="DIR", help="where to (default: data)")
    parser.add_argument(
        "--url", metavar="SOURCE",
        help="another address of the zip, or the path of Kaggle's own zip or folder (default: the course's zip)",
    )  # fmt: skip
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Fetch with a progress bar and say what came."""
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

"""`predict`: label texts with a trained cascade."""

import sys
from argparse import Namespace
from pathlib import Path

from rich.table import Table
from rich.text import Text

from schemas import CLASSES
from training.commands.flags import add_artifact_flag, add_data_flag
from worker.cli import app
from worker.cli.console import new_console
from worker.cli.sanitize import sanitize
from worker.errors import SettingError
from worker.types import Prediction


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "predict",
        command,
        help="label texts, or a file for Kaggle",
        description="Labels texts from the command line; the lines of standard input, with - or without texts; random "
        "tweets of test.csv; or a whole CSV file, as a submission for Kaggle (id,target).",
    )
    parser.add_argument(
        "texts", nargs="*", metavar="TEXT", help="a tweet's text; - reads one per line from standard input"
    )
    add_artifact_flag(parser)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="CSV file with the columns id and text")
    parser.add_argument("--out", type=Path, metavar="FILE", help="file for the submission; needs --csv")
    parser.add_argument("--random", type=int, metavar="N", help="label N random tweets of the data's test.csv")
    parser.add_argument(
        "--seed", type=int, metavar="N", help="seed of --random (default: none, the tweets differ each time)"
    )
    add_data_flag(parser)


def command(arguments: Namespace) -> int:
    """Label texts, lines, random tweets or a file."""
    if (arguments.csv is None) != (arguments.out is None):
        raise SettingError("--csv and --out go together: the file to label and the file for the submission")
    if bool(arguments.csv) + bool(arguments.texts) + (arguments.random is not None) > 1:
        raise SettingError("use only one of: texts, --csv, --random")
    if arguments.csv:
        return _submission(arguments)
    if arguments.random is not None:
        texts = _random(arguments)
    else:
        texts = _stdin() if arguments.texts in ([], ["-"]) else arguments.texts
    new_console().print(_table(texts, _predict(arguments.artifact, texts)))
    return 0


def _stdin() -> list[str]:
    return [line.rstrip("\n") for line in sys.stdin if line.strip()]


def _random(arguments: Namespace) -> list[str]:
    from training.data.dataset import find_dataset, texts_of

    dataset = find_dataset(arguments.data)
    if dataset.unlabelled is None:
        raise SettingError(
            f"--random: {dataset.folder} has no test.csv; download Kaggle's with: python -m training fetch"
        )
    if not 1 <= arguments.random <= len(dataset.unlabelled):
        raise SettingError(
            f"--random: N must be from 1 to {len(dataset.unlabelled)}, the tweets of {dataset.folder}/test.csv"
        )
    return texts_of(dataset.unlabelled.sample(arguments.random, random_state=arguments.seed))


def _submission(arguments: Namespace) -> int:
    from training.data.dataset import read_tweets, texts_of

    tweets = read_tweets(arguments.csv, labelled=False)
    predictions = _predict(arguments.artifact, texts_of(tweets))
    submission = tweets[["id"]].assign(target=[p.target for p in predictions])
    try:
        submission.to_csv(arguments.out, index=False)
    except OSError as error:
        raise SettingError(f"cannot write {arguments.out}: {error}") from error
    print(f"wrote {arguments.out}: {len(submission)} tweets, {submission['target'].sum()} of them disasters")
    return 0


def _predict(artifact: Path, texts: list[str]) -> list[Prediction]:
    from worker.models import load_artifact

    return load_artifact(artifact).cascade.predict(texts).predictions


def _table(texts: list[str], predictions: list[Prediction]) -> Table:
    table = Table()
    table.add_column("label")
    table.add_column("P(disaster)", justify="right")
    table.add_column("stage")
    table.add_column("text", overflow="fold")
    for text, p in zip(texts, predictions, strict=True):
        table.add_row(CLASSES[p.target], f"{p.probability:.3f}", p.stage, Text(sanitize(text)))
    return table

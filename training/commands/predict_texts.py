"""`predict`: label texts with a trained cascade."""

import shlex
import sys
from argparse import Namespace
from pathlib import Path

from rich.table import Table
from rich.text import Text

from schemas import ClassNames
from training.commands.flags import add_artifact_flag, add_data_flag
from training.commands.read_data import show_remarks
from worker.cli import app
from worker.cli.console import new_console
from worker.cli.sanitize import sanitize
from worker.errors import SettingError
from worker.files.bad_rows import add_file_flags
from worker.types import Prediction


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "predict",
        command,
        help="label texts, or a file for Kaggle",
        description="Labels texts from the command line; the lines of standard input, with - or without texts; random "
        "tweets of test.csv; or a whole file, as a submission for Kaggle (id,target).",
    )
    parser.add_argument(
        "texts", nargs="*", metavar="TEXT", help="a tweet's text; - reads one per line from standard input"
    )
    add_artifact_flag(parser)
    parser.add_argument(
        "--file", "--csv", type=Path, metavar="FILE",
        help="file of tweets: CSV, TSV, JSON or Parquet, also in .gz or .zip; without ids, the lines are the ids",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help="file for the submission; needs --file")
    add_file_flags(parser)
    parser.add_argument("--random", type=int, metavar="N", help="label N random tweets of the data's test.csv")
    parser.add_argument(
        "--seed", type=int, metavar="N", help="seed of --random (default: none, the tweets differ each time)"
    )
    add_data_flag(parser)


def command(arguments: Namespace) -> int:
    """Label texts, lines, random tweets or a file."""
    if (arguments.file is None) != (arguments.out is None):
        raise SettingError("--file and --out go together: the file to label and the file for the submission")
    if bool(arguments.file) + bool(arguments.texts) + (arguments.random is not None) > 1:
        raise SettingError("use only one of: texts, --file, --random")
    if arguments.file:
        return _submission(arguments)
    if arguments.random is not None:
        texts = _random(arguments)
    else:
        texts = _stdin() if arguments.texts in ([], ["-"]) else arguments.texts
    predictions, classes = _predict(arguments.artifact, texts)
    new_console().print(_table(texts, predictions, classes))
    return 0


def _stdin() -> list[str]:
    return [line.rstrip("\n") for line in sys.stdin if line.strip()]


def _random(arguments: Namespace) -> list[str]:
    from training.data.dataset import find_dataset, texts_of

    dataset = find_dataset(*arguments.data)
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
    from training.data.dataset import texts_of, tweet_frame
    from training.data.label_columns import LabelSettings
    from training.data.labelled_files import read_tweet_file

    again = shlex.join(
        ["python", "-m", "training", "predict", "--file", str(arguments.file), "--out", str(arguments.out)]
    )
    chosen = {"text_column": arguments.text_column, "id_column": arguments.id_column, "encoding": arguments.encoding}
    file = read_tweet_file(arguments.file, LabelSettings(**chosen, on_bad_row=arguments.on_bad_row, command=again))
    show_remarks(file.remarks)
    tweets = tweet_frame(file)
    predictions, classes = _predict(arguments.artifact, texts_of(tweets))
    submission = tweets[["id"]].assign(target=[p.target for p in predictions])
    try:
        submission.to_csv(arguments.out, index=False)
    except OSError as error:
        raise SettingError(f"cannot write {arguments.out}: {error}") from error
    print(
        f"wrote {arguments.out}: {len(submission)} tweets, {submission['target'].sum()} of them of class {classes[1]}"
    )
    return 0


def _predict(artifact: Path, texts: list[str]) -> tuple[list[Prediction], ClassNames]:
    """Return the predictions, and the names of the targets 0 and 1."""
    from worker.models import load_artifact

    cascade = load_artifact(artifact).cascade
    return cascade.predict(texts).predictions, cascade.classes


def _table(texts: list[str], predictions: list[Prediction], classes: ClassNames) -> Table:
    table = Table()
    table.add_column("label")
    table.add_column(Text(f"P({classes[1]})"), justify="right")
    table.add_column("stage")
    table.add_column("text", overflow="fold")
    for text, p in zip(texts, predictions, strict=True):
        table.add_row(Text(classes[p.target]), f"{p.probability:.3f}", p.stage, Text(sanitize(text)))
    return table

"""`wrong`: list a model's most confident mistakes."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from training.commands.flags import add_labelled_data_flags
from training.commands.read_data import read_data
from worker.cli import app
from worker.cli.console import new_console
from worker.cli.sanitize import sanitize
from worker.errors import DataError, SettingError

if TYPE_CHECKING:
    import pandas as pd

    from training.benchmark.errors import Mistake
    from worker.types import Floats

_DESCRIPTION = """\
Lists a model's most confident mistakes on the held-out tweets: false positives, then false negatives. A tweet's label
is disputed if a near-duplicate has the other label; the near-duplicate is shown. One of the two labels is wrong then,
and the model may be right."""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands, "wrong", command, help="list a model's most confident mistakes", description=_DESCRIPTION
    )
    parser.add_argument(
        "--report", type=Path, default=Path("reports/benchmark"), metavar="DIR",
        help="folder that `benchmark` wrote (default: reports/benchmark)",
    )  # fmt: skip
    parser.add_argument(
        "--model", default="tf_hub_sentence_encoder", metavar="NAME",
        help="model or ensemble of the report (default: tf_hub_sentence_encoder)",
    )  # fmt: skip
    parser.add_argument(
        "--top", type=int, default=10, metavar="N", help="number of mistakes of each kind (default: 10)"
    )
    add_labelled_data_flags(parser)


def command(arguments: Namespace) -> int:
    """Print the model's false positives and false negatives."""
    from training.benchmark.errors import LabelledTweets, all_tweets, worst_mistakes
    from training.data.dataset import split

    dataset = read_data(arguments, "wrong")
    parts, (other, name) = split(dataset.labelled), dataset.classes
    held_out = LabelledTweets.of(parts.held_out)
    p = _predictions(arguments.report, arguments.model, parts.held_out)
    false_positives, false_negatives = worst_mistakes(held_out, p, all_tweets(parts), arguments.top)
    console = new_console()
    console.print(_table(f"{arguments.model} predicted {name}, the label is {other}", name, false_positives))
    console.print(_table(f"{arguments.model} predicted {other}, the label is {name}", name, false_negatives))
    return 0


def _predictions(report: Path, model: str, held_out: "pd.DataFrame") -> "Floats":
    """Return the model's probabilities for the held-out tweets, shape (n,)."""
    import pandas as pd

    path = report / "predictions.csv"
    try:
        predictions = pd.read_csv(path, dtype={"id": str})
    except (OSError, ValueError):
        raise SettingError(
            f"{path} is missing or damaged; write it with: python -m training benchmark --out {report}"
        ) from None
    if model not in predictions.columns[2:]:
        raise SettingError(f"--model: {path} has no model {model}; it has {', '.join(predictions.columns[2:])}")
    if predictions["id"].tolist() != held_out["id"].tolist():
        raise DataError(f"{path} has other tweets than the data found now; give the benchmark's data with --data")
    return predictions[model].to_numpy("float64")


def _table(title: str, name: str, mistakes: "Sequence[Mistake]") -> Table:
    table = Table(title=Text(title), title_justify="left")
    table.add_column(Text(f"P({name})"), justify="right")
    table.add_column("tweet")
    for mistake in mistakes:
        shown = Text(sanitize(mistake.text))
        if mistake.contradicted_by:
            shown.append(f"\ndisputed by: {sanitize(mistake.contradicted_by)}", "yellow")
        table.add_row(f"{mistake.probability:.3f}", shown)
    return table

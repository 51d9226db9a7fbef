"""`wrong`: where a model is surest and mistaken."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from training.commands.options import add_data_flag
from worker.cli import app
from worker.cli.console import new_console
from worker.cli.sanitize import sanitize
from worker.errors import DataError, SettingError

if TYPE_CHECKING:
    import pandas as pd

    from training.benchmark.errors import Mistake
    from worker.types import Floats

_DESCRIPTION = """\
Lists the held-out tweets that a model was surest of and wrong about: false positives first, then false negatives.
A tweet is disputed where a near-duplicate of it has the other label: one of the two is wrong then, and not the model
perhaps. The near-duplicate is shown."""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "wrong", help="list a model's most confident mistakes", description=_DESCRIPTION,
        formatter_class=app.HelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "--report", type=Path, default=Path("reports/benchmark"), metavar="DIR",
        help="what `benchmark` wrote (default: reports/benchmark)",
    )  # fmt: skip
    parser.add_argument(
        "--model", default="tf_hub_sentence_encoder", metavar="NAME",
        help="a model or ensemble of the report (default: tf_hub_sentence_encoder)",
    )  # fmt: skip
    parser.add_argument("--top", type=int, default=10, metavar="N", help="how many of each kind (default: 10)")
    add_data_flag(parser)
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Find the tweets that the report speaks of, and list the worst."""
    from training.benchmark.errors import LabelledTweets, all_tweets, worst_mistakes
    from training.data.dataset import find_dataset, split

    parts = split(find_dataset(arguments.data).labelled)
    held_out = LabelledTweets.of(parts.held_out)
    p = _told(arguments.report, arguments.model, parts.held_out)
    false_positives, false_negatives = worst_mistakes(held_out, p, all_tweets(parts), arguments.top)
    console = new_console()
    console.print(_table(f"{arguments.model} said disaster, labelled not", false_positives))
    console.print(_table(f"{arguments.model} said no disaster, labelled one", false_negatives))
    return 0


def _told(report: Path, model: str, held_out: "pd.DataFrame") -> "Floats":
    """Return the model's probabilities for the held-out tweets, shape (n,)."""
    import pandas as pd

    path = report / "predictions.csv"
    try:
        told = pd.read_csv(path, dtype={"id": str})
    except (OSError, ValueError):
        raise SettingError(
            f"{path} is not there or no table; make it with: python -m training benchmark --out {report}"
        ) from None
    if model not in told.columns[2:]:
        raise SettingError(f"--model: {path} knows no {model}; it knows {', '.join(told.columns[2:])}")
    if told["id"].tolist() != held_out["id"].tolist():
        raise DataError(f"{path} speaks of other tweets than the data found now; name the benchmark's with --data")
    return told[model].to_numpy("float64")


def _table(title: str, mistakes: "Sequence[Mistake]") -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("P(disaster)", justify="right")
    table.add_column("tweet")
    for mistake in mistakes:
        shown = Text(sanitize(mistake.text))
        if mistake.contradicted_by:
            shown.append(f"\ndisputed by: {sanitize(mistake.contradicted_by)}", "yellow")
        table.add_row(f"{mistake.probability:.3f}", shown)
    return table

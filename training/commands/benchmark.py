"""`benchmark`: all models, side by side."""

import json
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from training.commands.options import add_data_flag, add_handle_flag
from worker import cli
from worker.console import new_console, progress_bar
from worker.errors import SettingError

if TYPE_CHECKING:
    from training.benchmark import Row

_DESCRIPTION = """\
Trains every model of the course chapter on the same split and measures each on the held-out tweets: accuracy with a
95 % bootstrap interval, weighted precision, recall and F1, macro F1, ROC AUC, Brier score, calibration error, size and
speed. Writes results.json and results.csv, a row a model."""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "benchmark", help="train and compare all models", description=_DESCRIPTION, formatter_class=cli.HelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, default=Path("reports/benchmark"), metavar="DIR",
        help="where to write the results (default: reports/benchmark)",
    )  # fmt: skip
    parser.add_argument("--models", metavar="A,B", help="only these, comma-separated (default: all of the registry)")
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="for all that is random (default: 42)")
    add_data_flag(parser)
    add_handle_flag(parser)
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Train and measure with a progress bar; write the results; show them."""
    from training.benchmark import benchmark
    from training.commands.fit import describe
    from training.data import find_dataset, split
    from training.encoder import CachedEncoder
    from training.fit import encode_all, texts_of
    from training.models import Resources
    from training.use import ENCODER_FOLDER, export_encoder
    from worker.models.use import UseEncoder

    names = _names(arguments.models)
    dataset = find_dataset(arguments.data)
    parts = split(dataset.labelled)
    new_console(stderr=True).print(f"comparing on [bold]{describe(dataset)}[/bold]")
    with tempfile.TemporaryDirectory() as folder, progress_bar(new_console(stderr=True)) as progress:
        export_encoder(arguments.use_handle, Path(folder) / ENCODER_FOLDER)
        encoder = CachedEncoder(UseEncoder(str(Path(folder) / ENCODER_FOLDER)))
        encode_all(encoder, [*texts_of(parts.train), *texts_of(parts.held_out)], progress)
        task = progress.add_task("models", total=len(names))
        rows = benchmark(names, parts, Resources(encoder, arguments.seed), lambda _row: progress.advance(task))
    _write(rows, arguments.out)
    console = new_console()
    console.print(_table(rows, len(parts.held_out)))
    console.print(f"wrote results.json and results.csv into {arguments.out}")
    return 0


def _names(wanted: str | None) -> list[str]:
    from training.models import REGISTRY

    names = list(REGISTRY) if wanted is None else [name.strip() for name in wanted.split(",")]
    unknown = [name for name in names if name not in REGISTRY]
    if unknown:
        raise SettingError(f"--models: no model is called {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    return names


def _write(rows: "Sequence[Row]", folder: Path) -> None:
    import pandas as pd

    records = [row.as_dict() for row in rows]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.json").write_text(json.dumps(records, indent=2) + "\n", encoding="utf-8")
        pd.DataFrame(records).to_csv(folder / "results.csv", index=False)
    except OSError as error:
        raise SettingError(f"--out: cannot write into {folder}: {error.strerror}") from error


def _table(rows: "Sequence[Row]", held_out: int) -> Table:
    table = Table(title=f"On {held_out:,} held-out tweets", title_justify="left", box=box.SIMPLE)
    table.add_column("model", no_wrap=True)
    for name in ("accuracy", "+/-", "F1", "AUC", "ECE", "tweets/s"):
        table.add_column(name, justify="right", no_wrap=True)
    for r in rows:
        half = (r.accuracy_high - r.accuracy_low) / 2
        figures = (f"{r.accuracy:.4f}", f"{half:.3f}", f"{r.f1:.4f}", f"{r.roc_auc:.3f}", f"{r.ece:.3f}")
        table.add_row(r.model, *figures, f"{r.tweets_per_second:,.0f}")
    table.caption = "+/-: half of the accuracy's 95 % bootstrap interval; F1 is weighted"
    return table

"""`fit`: train a cascade."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from training.commands.options import add_data_flag, add_device_flag, add_handle_flag, share
from worker import cli
from worker.console import new_console, progress_bar

if TYPE_CHECKING:
    from schemas import Manifest
    from training.data import Dataset
    from training.fit import Options

_DESCRIPTION = """\
Trains the two stages of the cascade, TF-IDF with Naive Bayes and a small network on the Universal Sentence Encoder,
and picks the confidence below which the first passes a tweet on to the second: the most accurate one on out-of-fold
predictions. The held-out tenth of the data is only reported on. Writes one folder with all that a worker needs."""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "fit", help="train a cascade", description=_DESCRIPTION, formatter_class=cli.HelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, default=Path("models/default"), metavar="DIR",
        help="the artefact's folder; an artefact that is there is replaced once the new one is complete "
        "(default: models/default)",
    )  # fmt: skip
    add_data_flag(parser)
    add_handle_flag(parser)
    parser.add_argument(
        "--max-deferral", type=share, default=0.3, metavar="SHARE",
        help="largest share of tweets that may go on to USE (default: 0.3)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="for all that is random (default: 42)")
    add_device_flag(parser)
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Train and show what came of it."""
    from training.data import find_dataset
    from training.device import use_device
    from training.fit import Options

    use_device(arguments.device)
    options = Options(arguments.use_handle, arguments.max_deferral, arguments.seed)
    train(find_dataset(arguments.data), arguments.out, options)
    return 0


def train(
    dataset: "Dataset", out: Path, options: "Options | None" = None, checkpoint: Callable[[], None] = lambda: None
) -> None:
    """Train with progress bars; say loudly what on, and in a table what came of it.

    What the checkpoint raises, between two steps, ends the training.
    """
    from training.fit import Options, fit

    console = new_console(stderr=True)
    console.print(f"training on [bold]{describe(dataset)}[/bold]")
    with progress_bar(console) as progress:
        progress.checkpoint = checkpoint
        manifest = fit(dataset, out, options or Options(), progress)
    new_console().print(_table(manifest))
    console.print(f"wrote {out}, version {manifest.model_version}")


def describe(dataset: "Dataset") -> str:
    """Return the data's name, size and place; the sample is said to be one."""
    note = {
        "sample": "THE SMALL SAMPLE of this project, good for a try only: no Kaggle data was found",
        "kaggle": "Kaggle's disaster tweets",
        "custom": "your own tweets",
    }[dataset.name]
    return f"{note} ({len(dataset.labelled):,} labelled, {dataset.folder})"


def _table(manifest: "Manifest") -> Table:
    m = manifest.metrics
    table = Table(title="Accuracy", title_justify="left")
    for name in ("", "cross-validated", "held out"):
        table.add_column(name, justify="left" if not name else "right")
    for title, name in (("baseline alone", "baseline_"), ("USE alone", "use_"), ("cascade", "")):
        table.add_row(title, f"{m[f'out_of_fold_{name}accuracy']:.2%}", f"{m[f'held_out_{name}accuracy']:.2%}")
    table.add_row("deferred to USE", f"{m['out_of_fold_deferral']:.1%}", f"{m['held_out_deferral']:.1%}")
    table.caption = f"held out: {manifest.data.held_out_rows} tweets; weighted F1 {m['held_out_f1']:.3f}"
    return table

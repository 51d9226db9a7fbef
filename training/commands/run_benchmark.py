"""`benchmark`: train and compare all models."""

from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from training.commands.describe import describe
from training.commands.flags import add_device_flag, add_handle_flag, add_labelled_data_flags, parse_models
from training.commands.read_data import read_data
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.errors import SettingError

if TYPE_CHECKING:
    from training.report.page import Findings

_DESCRIPTION = """\
Trains every model of the course chapter on the same split, measures each on the held-out tweets, and fits ensembles on
out-of-fold predictions. Writes into one folder:

  report.html      the report: table, pictures, most confident mistakes
  results.json     a row of figures per model; results.csv has the same
  predictions.csv  P(disaster) of each held-out tweet by each model
  models/          an artifact per model, for `training predict` and the worker; Keras models also as .h5 and SavedModel
  tensorboard/     learning curves and embeddings: tensorboard --logdir DIR/tensorboard
  experiments/     cached results: an interrupted command resumes when it is run again

All models take about 5 minutes on two cores."""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands, "benchmark", command, help="train and compare all models", description=_DESCRIPTION
    )
    parser.add_argument(
        "--out", type=Path, default=Path("reports/benchmark"), metavar="DIR",
        help="folder for the results (default: reports/benchmark)",
    )  # fmt: skip
    parser.add_argument("--models", metavar="A,B", help="only these models, comma-separated (default: all)")
    parser.add_argument(
        "--seeds", type=_seeds, default=[42], metavar="N,M",
        help="seeds of all random steps; the first one's models are reported and saved, the others show how much the "
        "figures vary by chance (default: 42)",
    )  # fmt: skip
    parser.add_argument("--fresh", action="store_true", help="train also the models whose results are cached")
    add_labelled_data_flags(parser)
    add_handle_flag(parser)
    add_device_flag(parser)


def command(arguments: Namespace) -> int:
    """Run the benchmark with a progress bar per model, write the results and print a table."""
    from training.benchmark.comparison import BenchmarkOptions, run_benchmark
    from training.device import use_device

    names = _names(arguments.models)
    dataset = read_data(arguments, "benchmark")
    device = use_device(arguments.device)
    new_console(stderr=True).print(f"comparing on [bold]{describe(dataset)}[/bold], on the {device.upper()}")
    options = BenchmarkOptions(
        dataset, names, arguments.seeds, arguments.out, arguments.use_handle, device, arguments.fresh
    )
    try:
        with progress_bar(new_console(stderr=True)) as progress:
            findings = run_benchmark(options, progress)
    except KeyboardInterrupt:
        new_console(stderr=True).print("interrupted; run the same command again to resume, finished models are cached")
        raise
    console = new_console()
    console.print(_table(findings))
    console.print(f"wrote {arguments.out}; open {arguments.out}/report.html")
    return 0


def _seeds(text: str) -> list[int]:
    try:
        seeds = [int(seed) for seed in text.split(",")]
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a list of whole numbers such as 1,2,3") from None
    if len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise ArgumentTypeError(f"{text!r}: seeds must be different, and 0 or more")
    return seeds


def _names(wanted: str | None) -> list[str]:
    from training.models import ON_OTHER_ENCODER, REGISTRY

    names = list(REGISTRY) if wanted is None else parse_models("--models", wanted)
    if wanted and (refused := ON_OTHER_ENCODER & set(names)):
        raise SettingError(
            f"--models: {', '.join(refused)} needs an encoder of yours: python -m training fit --encoder"
        )
    return [name for name in names if name not in ON_OTHER_ENCODER]


def _table(findings: "Findings") -> Table:
    held_out = len(findings.targets)
    table = Table(title=f"On {held_out:,} held-out tweets", title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("model", no_wrap=True)
    for name in ("accuracy", "+/-", "cross-val.", "F1", "AUC", "tweets/s"):
        table.add_column(name, justify="right", no_wrap=True)
    for r in findings.rows:
        half, comparison = (r.accuracy_high - r.accuracy_low) / 2, findings.comparisons[r.model]
        figures = (f"{r.accuracy:.4f}", f"{half:.3f}", f"{comparison.out_of_fold_accuracy:.4f}", f"{r.f1:.4f}")
        table.add_row(r.model, *figures, f"{r.roc_auc:.3f}", f"{r.tweets_per_second:,.0f}")
        if comparison.spread:
            table.add_row("", f"[dim]over {len(comparison.by_seed)} seeds[/dim]", "", "", comparison.spread)
    table.caption = (
        "+/-: half the width of the accuracy's 95 % Wilson interval; cross-val.: on the training tweets; F1 is weighted"
    )
    return table

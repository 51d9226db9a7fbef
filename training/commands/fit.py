"""`fit`: train a cascade."""

from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from training.cancellation import Check, never_cancel
from training.commands.options import add_data_flag, add_device_flag, add_handle_flag, share
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.errors import SettingError

if TYPE_CHECKING:
    from schemas import Manifest
    from training.cascade.candidates import Chain
    from training.cascade.fit import FitOptions
    from training.data.dataset import Dataset

_DESCRIPTION = """\
Trains fast and strong classifiers, cross-validates and times them, and picks the chain of them, and how sure each
must be to decide, that is the most accurate within your goal. All is chosen on out-of-fold predictions; the held-out
tenth of the data is only reported on. Writes one folder with all that a worker needs, and beside it a report."""

_EXAMPLES = """
goals, of which all that you give must hold (default: --max-deferral 0.2):
  --max-deferral 0.1          at most a tenth of the tweets go on to the last stage
  --tweets-per-second 3000    the models alone are as fast, on this machine
  --min-f1-vs-strong -0.005   the cheapest cascade whose F1 is, with 95 % confidence, no more than that below the
                              strong stage's on every tweet
A goal that cannot be met is refused, with the nearest one that can.
"""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "fit", help="train a cascade", description=_DESCRIPTION, epilog=_EXAMPLES, formatter_class=app.HelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, default=Path("models/default"), metavar="DIR",
        help="the artefact's folder; an artefact that is there is replaced once the new one is complete "
        "(default: models/default)",
    )  # fmt: skip
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="where to write the report (default: the artefact's name, .html)"
    )
    add_data_flag(parser)
    add_handle_flag(parser)
    _add_goal_flags(parser)
    parser.add_argument(
        "--stages", metavar="MODELS",
        help="the models to chain, from fast to strong, such as baseline,use_svm (default: the best of several chains)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="for all that is random (default: 42)")
    add_device_flag(parser)
    parser.set_defaults(command=command)


def _add_goal_flags(parser: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    parser.add_argument(
        "--max-deferral", type=share, metavar="SHARE", help="largest share of tweets that may reach the last stage"
    )
    parser.add_argument(
        "--tweets-per-second", type=_positive, metavar="N", help="least speed of the models alone, on this machine"
    )
    parser.add_argument(
        "--min-f1-vs-strong", type=float, metavar="DIFFERENCE",
        help="least weighted F1, less that of the strong stage alone, by its 95 %% lower bound; takes the cheapest",
    )  # fmt: skip


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def command(arguments: Namespace) -> int:
    """Train and show what came of it."""
    from training.cascade.fit import FitOptions
    from training.cascade.selection import Goal
    from training.data.dataset import find_dataset
    from training.device import use_device

    stages = _stages(arguments.stages) if arguments.stages else None
    goal = Goal(arguments.max_deferral, arguments.tweets_per_second, arguments.min_f1_vs_strong)
    if goal == Goal():
        goal = FitOptions().goal
    device = use_device(arguments.device)
    options = FitOptions(arguments.use_handle, goal, stages, arguments.seed, device)
    train(find_dataset(arguments.data), arguments.out, options, report=arguments.report)
    return 0


def _stages(text: str) -> "Chain":
    from training.models import REGISTRY

    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in REGISTRY]
    if unknown:
        raise SettingError(f"--stages: no model is called {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    if not 1 < len(set(names)) == len(names):
        raise SettingError(f"--stages: a cascade needs two models or more, each once, not {text}")
    return names


def train(
    dataset: "Dataset",
    out: Path,
    options: "FitOptions | None" = None,
    check: Check = never_cancel,
    report: Path | None = None,
) -> None:
    """Train with progress bars; say loudly what on, and in a table what came of it; write the report.

    `check` is called before each step; what it raises ends the training.
    """
    from training.cascade.fit import FitOptions, fit
    from training.report.cascade import write_report

    console = new_console(stderr=True)
    console.print(f"training on [bold]{describe(dataset)}[/bold]")
    with progress_bar(console) as progress:
        fitted = fit(dataset, out, options or FitOptions(), progress, check)
    new_console().print(_table(fitted.manifest))
    page = report or out.parent / f"{out.name}.html"
    write_report(fitted, page)
    console.print(f"wrote {out}, version {fitted.manifest.model_version}; the report is {page}")


def describe(dataset: "Dataset") -> str:
    """Return the data's name, size and place; the sample is said to be one."""
    note = {
        "sample": "THE SMALL SAMPLE of this project, good for a try only: no Kaggle data was found",
        "kaggle": "Kaggle's disaster tweets",
        "custom": "your own tweets",
    }[dataset.name]
    return f"{note} ({len(dataset.labelled):,} labelled, {dataset.folder})"


def _table(manifest: "Manifest") -> Table:
    m, policy = manifest.metrics, manifest.policy
    table = Table(title="Accuracy", title_justify="left")
    for name in ("", "cross-validated", "held out", "decides"):
        table.add_column(name, justify="left" if not name else "right")
    for stage in manifest.stages:
        decides = f"{policy.stages[stage.name].decides:.1%}" if policy else ""
        alone = (m[f"{part}_{stage.name}_accuracy"] for part in ("out_of_fold", "held_out"))
        table.add_row(f"{stage.name} alone", *(f"{accuracy:.2%}" for accuracy in alone), decides)
    table.add_row("cascade", f"{m['out_of_fold_accuracy']:.2%}", f"{m['held_out_accuracy']:.2%}", style="bold")
    table.add_row("reach the last stage", f"{m['out_of_fold_deferral']:.1%}", f"{m['held_out_deferral']:.1%}")
    if policy:
        table.caption = (
            f"for {policy.goal}; F1 {policy.chosen.f1:.3f}, {policy.chosen.f1_difference:+.4f} from the strong stage's "
            f"on every tweet, with 95 % confidence at least {policy.chosen.f1_difference_low:+.4f}; the models alone "
            f"take {policy.chosen.seconds * 1e6:,.0f} us a tweet; {manifest.data.held_out_rows} tweets are held out"
        )
    return table

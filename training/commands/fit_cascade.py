"""`fit`: train a cascade."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from training.cancellation import Check, never_cancel
from training.commands.describe import describe
from training.commands.flags import (
    add_device_flag,
    add_handle_flag,
    add_labelled_data_flags,
    add_reviewed_flags,
    parse_models,
    positive,
    prior,
    share,
)
from training.commands.read_data import read_data, show_remarks
from training.commands.tables.fit import fit_table
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.errors import SettingError

if TYPE_CHECKING:
    from training.cascade.fit import FitOptions, FitResult
    from training.cascade.measurement import Chain
    from training.cascade.selection import Goal
    from training.data.dataset import Dataset
    from training.data.reviewed import Reviewed

_DESCRIPTION = """\
Trains fast and strong classifiers, cross-validates and times them, and chooses the stages and their bands: the
probabilities at which a stage defers to the next one. The cascade is the most accurate that meets your goal.

Models are cross-validated twice: in random folds, and in folds of unseen groups, where no group of tweets (an event, a
keyword) is in training and test at once. Everything is chosen for unseen groups, so that the cascade keeps its promise
on tweets unlike those of the training; only its cost is limited in random folds. The held-out tenth of the data serves
for reported figures only. Writes an artifact, which is all that a worker needs, and a report beside it."""

_EXAMPLES = """
goals, of which every one that you give must hold (default: --max-deferral 0.2):
  --max-deferral 0.1          at most a tenth of the tweets reach the last stage, of tweets like those of the training
  --tweets-per-second 3000    the models alone are at least that fast on this machine
  --min-f1-vs-strong -0.005   the cheapest cascade whose F1 is, with 95 % confidence, at most 0.005 below that of the
                              strong stage on every tweet
If no cascade meets the goal, the error message names the nearest value that can be met.
"""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands, "fit", command, help="train a cascade", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    parser.add_argument(
        "--out", type=Path, default=Path("models/default"), metavar="DIR",
        help="folder for the artifact; an artifact in it is replaced once the new one is complete "
        "(default: models/default)",
    )  # fmt: skip
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="file for the report (default: the artifact's name with .html)"
    )
    add_labelled_data_flags(parser)
    add_reviewed_flags(parser)
    add_handle_flag(parser)
    parser.add_argument(
        "--encoder", type=Path, metavar="DIR",
        help="folder with another sentence encoder, for the stage encoder_svm instead of USE or after it: model.onnx "
        "(or onnx/model.onnx) and tokenizer.json, as models' repositories ship them; needs the "
        "extra `encoders`, in the worker as well (default: none)",
    )  # fmt: skip
    _add_goal_flags(parser)
    parser.add_argument(
        "--stages", metavar="MODELS",
        help="the models to chain, from fast to strong, such as baseline,use_svm (default: the best of several chains)",
    )  # fmt: skip
    parser.add_argument(
        "--group-by", metavar="COLUMN",
        help="column of the data whose values are the groups; tweets without a value are grouped by near-duplicates "
        "(default: event, the file where there are several, or keyword; else near-duplicates)",
    )  # fmt: skip
    parser.add_argument(
        "--prior", type=prior, default=0.5, metavar="SHARE",
        help="share of disasters in the stream that probabilities are calibrated for, or 'training' for that of the "
        "training tweets; an event's stream has more disasters than they have (default: 0.5, where each label is as "
        "likely as the other before a tweet is read)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="seed of all random steps (default: 42)")
    add_device_flag(parser)


def _add_goal_flags(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--max-deferral", type=share, metavar="SHARE", help="largest share of tweets that may reach the last stage"
    )
    parser.add_argument(
        "--tweets-per-second", type=positive, metavar="N", help="minimum speed of the models alone, on this machine"
    )
    parser.add_argument(
        "--min-f1-vs-strong", type=float, metavar="DIFFERENCE",
        help="minimum weighted F1 less that of the strong stage alone, by its 95 %% lower bound; the cheapest cascade "
        "that reaches it is chosen",
    )  # fmt: skip


def command(arguments: Namespace) -> int:
    """Train a cascade with the options that the flags give."""
    from training.cascade.fit import FitOptions
    from training.data.reviewed import read_reviewed
    from training.device import use_device

    stages = _stages(arguments.stages) if arguments.stages else None
    goal = _goal(arguments)
    dataset = read_data(arguments, "fit")
    reviewed = read_reviewed(arguments.reviewed, arguments.reviewed_weight, dataset.classes)
    device = use_device(arguments.device)
    options = FitOptions(
        arguments.use_handle, goal, stages, arguments.encoder, arguments.seed, device, arguments.group_by,
        prior=arguments.prior, reviewed=reviewed,
    )  # fmt: skip
    train(dataset, arguments.out, options, report=arguments.report)
    return 0


def _stages(text: str) -> "Chain":
    names = parse_models("--stages", text)
    if not 1 < len(names) == len(text.split(",")):
        raise SettingError(f"--stages: a cascade needs two or more different models, not {text}")
    return tuple(names)


def _goal(arguments: Namespace) -> "Goal":
    from training.cascade.fit import FitOptions
    from training.cascade.selection import Goal

    goal = Goal(arguments.max_deferral, arguments.tweets_per_second, arguments.min_f1_vs_strong)
    return FitOptions().goal if goal == Goal() else goal


def train(
    dataset: "Dataset",
    out: Path,
    options: "FitOptions | None" = None,
    check: Check = never_cancel,
    report: Path | None = None,
) -> None:
    """Train a cascade with progress bars, print its accuracy and write its report.

    `check` is called before each step; what it raises ends the training.
    """
    from training.cascade.fit import FitOptions, fit
    from training.cascade.majority import majority_warning
    from training.report.cascade import write_report

    console = new_console(stderr=True)
    console.print(f"training on [bold]{describe(dataset)}[/bold]")
    reviewed = options.reviewed if options else None
    show_remarks(reviewed.remarks if reviewed else ())
    with progress_bar(console) as progress:
        fitted = fit(dataset, out, options or FitOptions(), progress, check)
    new_console().print(fit_table(fitted.manifest))
    show_remarks(_about_reviewed(reviewed, fitted))
    show_remarks(filter(None, [majority_warning(fitted.decisions.random, dataset.classes)]))
    page = report or out.parent / f"{out.name}.html"
    write_report(fitted, page)
    console.print(f"wrote {out}, version {fitted.manifest.model_version}, and the report {page}")


def _about_reviewed(reviewed: "Reviewed | None", fitted: "FitResult") -> Iterator[str]:
    if reviewed is None or fitted.reviewed is None:
        return
    used = fitted.reviewed.tweets
    yield (
        f"trained on {len(used):,} reviewed tweets too, each counted {reviewed.weight} times; the figures are of the "
        "other tweets"
    )
    if left := len(reviewed.tweets) - len(used):
        yield f"{left:,} reviewed tweets were left out: they are near-duplicates of tweets that are held out"

"""`evaluate`: measure an artifact on labelled files."""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.flags import add_artifact_flag, add_label_flags, label_settings
from training.commands.read_data import show_remarks
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.errors import SettingError

if TYPE_CHECKING:
    from training.artifact_evaluation.comparison import Comparison
    from training.artifact_evaluation.groups import Evaluation
    from training.cascade.decisions import Decisions
    from training.data.labelled_files import LabelledFile
    from worker.models import Artifact

_DESCRIPTION = """\
Measures whether an artifact suits a stream: labels files of labelled tweets, and compares the cascade with their
labels, with its own last stage asked about every tweet, and with what training promised: the share of early decisions
that the last stage would overrule. The groups with the largest gap to the last stage come first.

The columns and labels of Kaggle, CrisisLex, HumAID and Figure Eight are known, and labels with the names of the
artifact's classes; other files need flags. A row whose label means neither, such as CrisisLex's "Not applicable", is
left out."""

_EXAMPLES = """
examples:
  python -m training evaluate t26/*.csv                                  a row for each file
  python -m training evaluate mine.csv --by language --picture mine.svg  a row for each language, and a picture
  python -m training evaluate mine.csv --text-column body --label-column class --positive flood,fire
  python -m training evaluate mine.csv --require-promise                 exit code 1 if the promise is broken
  python -m training evaluate mine.csv --artifact models/next --against models/default   what `fit --reviewed` brought

Tweets that an artifact was trained on after a review (`fit --reviewed`) are left out, and so are their repetitions.
The promise is broken where the share that the last stage would overrule is above the promised one with 95 % confidence
(for all groups together), and kept where it is below with 95 % confidence.
"""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands, "evaluate", command, help="measure an artifact on labelled files", description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )  # fmt: skip
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="labelled tweets: CSV, TSV, JSON or Parquet, also in .gz or .zip",
    )
    add_artifact_flag(parser)
    parser.add_argument(
        "--against", type=Path, metavar="DIR", help="another artifact to compare with, such as the one before a review"
    )
    parser.add_argument("--by", metavar="COLUMN", help="column whose values are the groups (default: the files)")
    add_label_flags(parser)
    parser.add_argument("--json", action="store_true", help="print all figures of all groups as JSON")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="also draw the groups, as SVG")
    parser.add_argument(
        "--require-promise", action="store_true",
        help="exit with code 1 if the promised share of overruled decisions is exceeded, of all tweets or of a group",
    )  # fmt: skip


def command(arguments: Namespace) -> int:
    """Evaluate the artifact; return 1 if the promise is required and broken."""
    from training.commands.tables.evaluation import as_json, show
    from training.data.labelled_files import read_labelled_files
    from training.data.reviewed import without_reviewed
    from worker.models.artifact import load_artifact, read_manifest

    settings = label_settings(arguments, "evaluate", *map(str, arguments.files))
    classes = read_manifest(arguments.artifact).classes
    files = read_labelled_files(arguments.files, replace(settings, classes=classes))
    show_remarks(remark for file in files for remark in file.remarks)
    files, left_out = without_reviewed(files, [*filter(None, [arguments.artifact, arguments.against])])
    show_remarks([*left_out, *_about_picked(files)])
    groups = _groups(files, arguments.by)
    artifact = load_artifact(arguments.artifact)
    if arguments.require_promise and not artifact.manifest.policy:
        raise SettingError(f"--require-promise: {arguments.artifact} is a single model, which promises nothing")
    _warn_of_training_data(artifact, files)
    decisions = _decide(artifact, files)
    evaluation = _evaluate(artifact, decisions, files, groups)
    comparison = _compare(arguments.against, decisions, files, groups) if arguments.against else None
    if arguments.json:
        print(json.dumps(as_json(evaluation, comparison), indent=2))
    else:
        show(evaluation, new_console(), comparison)
    if arguments.picture:
        _draw(evaluation, arguments.picture)
    return int(arguments.require_promise and bool(evaluation.broken))


def _about_picked(files: "Sequence[LabelledFile]") -> Iterator[str]:
    from training.data.labelled_files import PICKED_FOR

    for file in files:
        if PICKED_FOR in file.header and set(file.column(PICKED_FOR, "--by")) != {"random"}:
            yield (
                f"{file.path} is a review: tweets that were picked for a reason are harder or rarer than the stream's; "
                f"--by {PICKED_FOR} shows its random share apart"
            )


def _groups(files: "Sequence[LabelledFile]", column: str | None) -> list[str]:
    """Return each tweet's group: its value in the column, by default its file."""
    if column:
        return [value for file in files for value in file.column(column, "--by")]
    names = [file.path.stem for file in files]
    unique = names if len(set(names)) == len(names) else [str(file.path) for file in files]
    return [name for name, file in zip(unique, files, strict=True) for _ in file.texts]


def _warn_of_training_data(artifact: "Artifact", files: "Sequence[LabelledFile]") -> None:
    from training.data.dataset import combined_checksum

    trained_on, warning = artifact.manifest.data.sha256, "that the artifact was trained on: the figures are too good"
    show_remarks(f"warning: {file.path} is the file {warning}" for file in files if file.sha256 == trained_on)
    if combined_checksum([file.sha256 for file in files]) == trained_on:
        show_remarks([f"warning: these are the files {warning}"])


def _evaluate(
    artifact: "Artifact", decisions: "Decisions", files: "Sequence[LabelledFile]", groups: "Sequence[str]"
) -> "Evaluation":
    from training.artifact_evaluation.groups import evaluate_groups

    left_out = sum((file.left_out for file in files), Counter())
    return evaluate_groups(artifact.manifest, decisions, groups, left_out)


def _compare(
    against: Path, decisions: "Decisions", files: "Sequence[LabelledFile]", groups: "Sequence[str]"
) -> "Comparison":
    from training.artifact_evaluation.comparison import Comparison, compare_groups
    from worker.models import load_artifact

    other = load_artifact(against)
    _warn_of_training_data(other, files)
    return Comparison(other.manifest.model_version, compare_groups(_decide(other, files), decisions, groups))


def _decide(artifact: "Artifact", files: "Sequence[LabelledFile]") -> "Decisions":
    import numpy as np

    from training.artifact_evaluation.decisions import decide

    texts = [text for file in files for text in file.texts]
    targets = np.concatenate([file.targets for file in files])
    with progress_bar(new_console(stderr=True)) as progress:
        task = progress.add_task("asking every stage", total=len(texts))
        return decide(artifact.cascade, texts, targets, partial(progress.advance, task))


def _draw(evaluation: "Evaluation", path: Path) -> None:
    from training.pictures.evaluation import draw_groups
    from training.pictures.style import save

    try:
        save(draw_groups(evaluation), path)
    except OSError as error:
        raise SettingError(f"--picture: cannot write {path}: {error.strerror}") from error
    new_console(stderr=True).print(f"wrote {path}", markup=False, soft_wrap=True)

"""Flags and argument types that several commands share."""

import shlex
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from worker.errors import SettingError
from worker.files.bad_rows import add_file_flags

if TYPE_CHECKING:
    from training.data.label_columns import LabelSettings, NameChoice


def add_data_flag(parser: ArgumentParser) -> None:
    """Add `--data` for a folder."""
    parser.add_argument(
        "--data", type=Path, nargs=1, default=[], metavar="DIR",
        help="folder with Kaggle's train.csv and test.csv (default: $DISASTER_TWEETS_DIR, else ./data, else the "
        "project's own sample)",
    )  # fmt: skip


def add_labelled_data_flags(parser: ArgumentParser) -> None:
    """Add `--data` for a folder or labelled files, and what says how to read them."""
    parser.add_argument(
        "--data", type=Path, nargs="+", default=[], metavar="PATH",
        help="labelled files: CSV, TSV, JSON or Parquet, also in .gz or .zip; or a folder with Kaggle's train.csv and "
        "test.csv (default: $DISASTER_TWEETS_DIR, else ./data, else the project's own sample)",
    )  # fmt: skip
    add_label_flags(parser)
    parser.add_argument(
        "--classes", type=_class_names, metavar="NAMES",
        help="names of the two classes: first that of a disaster, or of what is trained instead, then the other, such "
        "as relevant,irrelevant; labels in the files that are called so need no --positive; 'labels' takes the files' "
        "own two labels as names (default: disaster,not_disaster)",
    )  # fmt: skip


def add_label_flags(parser: ArgumentParser) -> None:
    """Add the flags that say how labelled files are read."""
    parser.add_argument(
        "--label-column", metavar="NAME", help="column of the labels (default: the one with a known name)"
    )
    parser.add_argument(
        "--positive", type=_names, default=(), metavar="LABELS",
        help="labels, separated by commas, that mean a disaster; the others mean none",
    )  # fmt: skip
    parser.add_argument(
        "--negative", type=_names, default=(), metavar="LABELS",
        help="labels that mean none; with --positive as well, rows with any other label are left out",
    )  # fmt: skip
    add_file_flags(parser)


def add_reviewed_flags(parser: ArgumentParser) -> None:
    """Add `--reviewed` and `--reviewed-weight`."""
    parser.add_argument(
        "--reviewed", type=Path, nargs="+", default=[], metavar="FILE",
        help="also train on these labelled tweets, such as `review` writes; rows without a label are left out, and no "
        "figure is of them",
    )  # fmt: skip
    parser.add_argument(
        "--reviewed-weight", type=number, default=10, metavar="N",
        help="how many tweets of the data a reviewed one counts as (default: 10)",
    )  # fmt: skip


def label_settings(arguments: Namespace, *command: str) -> "LabelSettings":
    """Return what the flags say of labelled files; `command` is what a message asks the user to try again."""
    from training.data.label_columns import LabelSettings

    classes: NameChoice = getattr(arguments, "classes", None)
    given = {
        "--text-column": arguments.text_column, "--label-column": arguments.label_column,
        "--id-column": arguments.id_column, "--positive": ",".join(arguments.positive),
        "--negative": ",".join(arguments.negative), "--encoding": arguments.encoding,
        "--classes": ",".join(reversed(classes)) if isinstance(classes, tuple) else classes,
    }  # fmt: skip
    flags = [part for flag, value in given.items() if value for part in (flag, value)]
    return LabelSettings(
        arguments.text_column, arguments.label_column, arguments.id_column, arguments.positive, arguments.negative,
        shlex.join(["python", "-m", "training", *command, *flags]), arguments.encoding, arguments.on_bad_row, classes,
    )  # fmt: skip


def _class_names(text: str) -> "NameChoice":
    from training.data.class_names import parse_class_names

    try:
        return parse_class_names(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def add_artifact_flag(parser: ArgumentParser) -> None:
    """Add `--artifact`."""
    parser.add_argument(
        "--artifact", type=Path, default=Path("models/default"), metavar="DIR",
        help="the cascade's artifact (default: models/default)",
    )  # fmt: skip


def add_handle_flag(parser: ArgumentParser) -> None:
    """Add `--use-handle`."""
    parser.add_argument(
        "--use-handle", default="packed", metavar="HANDLE",
        help="the Universal Sentence Encoder: 'packed' for the multilingual one that pip installed, a folder with a "
        "SavedModel, or a URL such as https://tfhub.dev/google/universal-sentence-encoder/4 (default: packed)",
    )  # fmt: skip


def add_device_flag(parser: ArgumentParser) -> None:
    """Add `--device`."""
    parser.add_argument(
        "--device", choices=("auto", "cpu", "gpu"), default="auto",
        help="where TensorFlow computes: auto uses a GPU if there is one, with as much of its memory as is needed "
        "(default: auto)",
    )  # fmt: skip


def parse_models(flag: str, text: str) -> list[str]:
    """Return the comma-separated names of models, each once.

    Raises:
        SettingError: the registry lacks a name.

    """
    from training.models import REGISTRY

    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := [name for name in names if name not in REGISTRY]:
        raise SettingError(f"{flag}: no model is called {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    return names


def share(text: str) -> float:
    """Return a number from 0 to 1.

    Raises:
        ArgumentTypeError: the text is not one.

    """
    value = _number(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"{text!r} is not a share from 0 to 1")
    return value


def prior(text: str) -> float | None:
    """Return a share between 0 and 1, or None for the word `training`.

    Raises:
        ArgumentTypeError: the text is neither.

    """
    if text == "training":
        return None
    value = _number(text)
    if not 0 < value < 1:
        raise ArgumentTypeError(f"{text!r} is not a share between 0 and 1, nor 'training'")
    return value


def positive(text: str) -> float:
    """Return a finite number above 0.

    Raises:
        ArgumentTypeError: the text is not one.

    """
    value = _number(text)
    if not 0 < value < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def count(text: str) -> int:
    """Return a whole number from 0 to 2^32 - 1, the range of NumPy's seeds.

    Raises:
        ArgumentTypeError: the text is not one.

    """
    if not text.isdecimal() or int(text) >= 2**32:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 0 to 2^32 - 1")
    return int(text)


def number(text: str) -> int:
    """Return a whole number above 0, and below a billion.

    Raises:
        ArgumentTypeError: the text is not one.

    """
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")

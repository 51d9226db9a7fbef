"""Flags and argument types that several commands share."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from worker.errors import SettingError


def add_data_flag(parser: ArgumentParser) -> None:
    """Add `--data`."""
    parser.add_argument(
        "--data", type=Path, metavar="DIR",
        help="folder with Kaggle's train.csv and test.csv (default: $DISASTER_TWEETS_DIR, else ./data, else the "
        "project's own sample)",
    )  # fmt: skip


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


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")

"""Flags that several commands share."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path


def add_data_flag(parser: ArgumentParser) -> None:
    """Let the user say where the data is."""
    parser.add_argument(
        "--data", type=Path, metavar="DIR",
        help="folder with Kaggle's train.csv and test.csv (default: $DISASTER_TWEETS_DIR, else ./data, else the "
        "project's own sample)",
    )  # fmt: skip


def add_handle_flag(parser: ArgumentParser) -> None:
    """Let the user choose the sentence encoder."""
    parser.add_argument(
        "--use-handle", default="packed", metavar="HANDLE",
        help="the Universal Sentence Encoder: 'packed' for the multilingual one that pip installed, a folder with a "
        "SavedModel, or an address such as https://tfhub.dev/google/universal-sentence-encoder/4 (default: packed)",
    )  # fmt: skip


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"{text!r} is not a share from 0 to 1")
    return value


def add_device_flag(parser: ArgumentParser) -> None:
    """Let the user say where to compute."""
    parser.add_argument(
        "--device", choices=("auto", "cpu", "gpu"), default="auto",
        help="where TensorFlow computes: auto takes a GPU where there is one, as much of its memory "
        "as is needed (default: auto)",
    )  # fmt: skip

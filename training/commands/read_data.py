"""Find the labelled tweets that the flags name, and say how they were read."""

from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from training.commands.flags import label_settings
from worker.cli.console import new_console
from worker.cli.sanitize import sanitize

if TYPE_CHECKING:
    from training.data.dataset import Dataset


def read_data(arguments: Namespace, command: str) -> "Dataset":
    """Return the data of a command with `add_labelled_data_flags`.

    Raises:
        DataError: a file is missing or wrong.
        SettingError: the flags are wrong.

    """
    from training.data.dataset import find_dataset

    named = ["--data", *map(str, arguments.data)] if arguments.data else []
    dataset = find_dataset(*arguments.data, settings=label_settings(arguments, command, *named))
    show_remarks(dataset.remarks)
    return dataset


def show_remarks(remarks: Iterable[str]) -> None:
    """Print what was noticed while files were read."""
    console = new_console(stderr=True)
    for remark in remarks:
        console.print(sanitize(remark), style="yellow", markup=False, soft_wrap=True)

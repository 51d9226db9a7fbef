"""Describe a data set in one line."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.data.dataset import Dataset

_NOTES = {
    "sample": "THE SMALL SAMPLE of this project, good for a try only: no Kaggle data was found",
    "kaggle": "Kaggle's disaster tweets",
    "custom": "your own tweets",
}


def describe(dataset: "Dataset") -> str:
    """Return the data's kind, size and place."""
    where = f"{len(dataset.files)} files" if len(dataset.files) > 1 else str(*dataset.files or [dataset.folder])
    return f"{_NOTES[dataset.name]} ({len(dataset.labelled):,} labelled, {where})"

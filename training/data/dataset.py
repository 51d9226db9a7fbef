"""Labelled tweets: find, load, validate and split them."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from worker.errors import DataError

ENVIRONMENT = "DISASTER_TWEETS_DIR"
SAMPLE = Path(__file__).resolve().parents[1] / "sample"
SPLIT_SEED = 42
HELD_OUT_SHARE = 0.1
_KAGGLE = (7613, 3271)  # rows, and disasters among them

Targets = NDArray[np.int64]


@dataclass(frozen=True)
class Dataset:
    """Tweets from train.csv and test.csv."""

    name: str
    """`kaggle`, `sample` or `custom`."""
    folder: Path
    labelled: pd.DataFrame
    """Columns id, text, target (0 or 1) and any others of the file."""
    unlabelled: pd.DataFrame | None
    """Columns id, text and any others; None without test.csv."""
    sha256: str
    """SHA-256 of train.csv."""

    @property
    def unlabelled_texts(self) -> list[str]:
        """The texts of the unlabelled tweets; empty without test.csv."""
        return [] if self.unlabelled is None else texts_of(self.unlabelled)


@dataclass(frozen=True)
class Split:
    """Labelled tweets in two parts. Nothing is ever chosen on the held-out part."""

    train: pd.DataFrame
    held_out: pd.DataFrame


def find_dataset(folder: Path | None = None) -> Dataset:
    """Load the dataset from the folder; by default from $DISASTER_TWEETS_DIR, else ./data, else the sample.

    Raises:
        DataError: the named folder has no train.csv, or a file is invalid.

    """
    if folder:
        return load_dataset(folder)
    if named := os.environ.get(ENVIRONMENT):
        return load_dataset(Path(named))
    return load_dataset(Path("data") if Path("data/train.csv").is_file() else SAMPLE)


def load_dataset(folder: Path) -> Dataset:
    """Load train.csv and, if it exists, test.csv.

    Raises:
        DataError: train.csv does not exist, or a file is invalid.

    """
    path = folder / "train.csv"
    if not path.is_file():
        raise DataError(
            f"{path} does not exist; set --data or {ENVIRONMENT} to the folder with Kaggle's train.csv, "
            "or download it: python -m training fetch"
        )
    labelled = read_tweets(path, labelled=True)
    test = folder / "test.csv"
    unlabelled = read_tweets(test, labelled=False) if test.is_file() else None
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    return Dataset(_name(folder, labelled), folder, labelled, unlabelled, checksum)


def _name(folder: Path, labelled: pd.DataFrame) -> str:
    if folder.resolve() == SAMPLE:
        return "sample"
    return "kaggle" if (len(labelled), int(labelled.target.sum())) == _KAGGLE else "custom"


def read_tweets(path: Path, *, labelled: bool) -> pd.DataFrame:
    """Read a CSV file of tweets; texts are strings, targets 0 or 1.

    Raises:
        DataError: the file cannot be read, lacks a column or a text, or has a target other than 0 and 1.

    """
    needed = ["id", "text", "target"] if labelled else ["id", "text"]
    try:
        # "NA", "null" and "nan" are words that people tweet, not missing values.
        frame = pd.read_csv(path, encoding="utf-8", dtype={"id": str, "text": str}, keep_default_na=False)
    except FileNotFoundError:
        raise DataError(f"{path} does not exist") from None
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    _check(frame, path, needed)
    return frame


def _check(frame: pd.DataFrame, path: Path, needed: list[str]) -> None:
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise DataError(f"{path} has no column {' and no column '.join(missing)}; it has {', '.join(frame.columns)}")
    if frame.empty:
        raise DataError(f"{path} has no rows")
    blank = frame.index[frame.text.str.strip() == ""]
    if len(blank):
        raise DataError(f"{path}: row {blank[0] + 1} (id {frame.id[blank[0]]}) has no text")
    if "target" in needed and not frame.target.isin([0, 1]).all():
        wrong = frame.target[~frame.target.isin([0, 1])].iloc[0]
        raise DataError(f"{path}: a target must be 0 or 1, not {wrong!r}")


def split(labelled: pd.DataFrame) -> Split:
    """Shuffle and split 90:10 exactly as the course's notebook does: Kaggle's 7,613 rows into 6,851 and 762.

    Raises:
        DataError: a class has fewer than 10 rows.

    """
    from sklearn.model_selection import train_test_split

    if labelled.target.value_counts().reindex([0, 1], fill_value=0).min() < 10:
        raise DataError("too few labelled tweets: at least 10 of each target are needed")
    shuffled = labelled.sample(frac=1, random_state=SPLIT_SEED)
    train, held_out = train_test_split(shuffled, test_size=HELD_OUT_SHARE, random_state=SPLIT_SEED)
    return Split(train, held_out)


def texts_of(frame: pd.DataFrame) -> list[str]:
    """Return the texts as strings."""
    return frame["text"].astype(str).tolist()


def targets_of(frame: pd.DataFrame) -> Targets:
    """Return the targets, 0 or 1, shape (n,)."""
    return frame["target"].to_numpy(np.int64)

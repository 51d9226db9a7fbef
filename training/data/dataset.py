"""Labelled tweets: find, load, validate and split them."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from schemas import CLASSES, ClassNames
from training.data.class_names import choose_class_names
from training.data.label_columns import LabelSettings
from training.data.labelled_files import LabelledFile, TweetRows, read_labelled_files, read_tweet_file
from worker.errors import DataError, SettingError

ENVIRONMENT = "DISASTER_TWEETS_DIR"
SAMPLE = Path(__file__).resolve().parents[1] / "sample"
SPLIT_SEED = 42
HELD_OUT_SHARE = 0.1
_KAGGLE = (7613, 3271)  # rows, and disasters among them

Targets = NDArray[np.int64]


@dataclass(frozen=True)
class Dataset:
    """Labelled tweets, and others of the same kind."""

    name: str
    """`kaggle`, `sample` or `custom`."""
    folder: Path
    """Of the files."""
    labelled: pd.DataFrame
    """Columns id, text, target (0 or 1) and any others of the file."""
    unlabelled: pd.DataFrame | None
    """Columns id, text and any others; None without test.csv."""
    sha256: str
    """SHA-256 of the labelled file; of several files, of their checksums."""
    files: tuple[Path, ...] = ()
    """The labelled files that were named; empty for a folder."""
    classes: ClassNames = CLASSES
    """Names of the targets 0 and 1."""
    remarks: tuple[str, ...] = ()
    """What to say to the user of how the files were read."""

    @property
    def unlabelled_texts(self) -> list[str]:
        """The texts of the unlabelled tweets; empty without test.csv."""
        return [] if self.unlabelled is None else texts_of(self.unlabelled)


@dataclass(frozen=True)
class Split:
    """Labelled tweets in two parts. Nothing is ever chosen on the held-out part."""

    train: pd.DataFrame
    held_out: pd.DataFrame


def find_dataset(*sources: Path, settings: LabelSettings | None = None) -> Dataset:
    """Load the named folder or labelled files; by default from $DISASTER_TWEETS_DIR, else ./data, else the sample.

    Raises:
        DataError: the named folder has no train.csv, or a file is invalid.
        SettingError: a folder is named beside others.

    """
    if len(sources) > 1 and any(source.is_dir() for source in sources):
        raise SettingError("--data: give one folder with train.csv, or labelled files")
    if any(source.is_file() or (source.suffix and not source.is_dir()) for source in sources):
        return load_files(sources, settings or LabelSettings())
    if sources:
        return load_dataset(sources[0], settings)
    if named := os.environ.get(ENVIRONMENT):
        return load_dataset(Path(named), settings)
    return load_dataset(Path("data") if Path("data/train.csv").is_file() else SAMPLE, settings)


def load_dataset(folder: Path, settings: LabelSettings | None = None) -> Dataset:
    """Load train.csv and, if it exists, test.csv.

    Raises:
        DataError: train.csv does not exist, or a file is invalid.

    """
    path, test = folder / "train.csv", folder / "test.csv"
    if not path.is_file():
        raise DataError(
            f"{path} does not exist; set --data or {ENVIRONMENT} to the folder with Kaggle's train.csv, "
            "or download it: python -m training fetch"
        )
    found = load_files([path], settings or LabelSettings())
    unlabelled = read_tweets(test) if test.is_file() else None
    return replace(found, name=_name(folder, found.labelled), folder=folder, unlabelled=unlabelled, files=())


def load_files(paths: Sequence[Path], settings: LabelSettings) -> Dataset:
    """Load labelled files; where there are several, the column `file` has their names.

    Raises:
        DataError: a file is invalid.

    """
    files = read_labelled_files(paths, settings)
    frames = [_with_targets(file) for file in files]
    if len(files) > 1:
        frames = [frame.assign(file=file.path.name) for frame, file in zip(frames, files, strict=True)]
    checksums = [file.sha256 for file in files]
    meanings = {label: target for file in files for label, target in file.meanings.items()}
    return Dataset(
        name="custom",
        folder=paths[0].parent,
        labelled=pd.concat(frames, ignore_index=True).fillna(""),
        unlabelled=None,
        sha256=checksums[0] if len(files) == 1 else combined_checksum(checksums),
        files=tuple(paths),
        classes=choose_class_names(settings.classes, meanings),
        remarks=tuple(remark for file in files for remark in file.all_remarks()),
    )


def combined_checksum(checksums: Sequence[str]) -> str:
    """Return one checksum of several files, in whatever order they are given."""
    return hashlib.sha256("".join(sorted(checksums)).encode()).hexdigest()


def read_tweets(path: Path, settings: LabelSettings | None = None) -> pd.DataFrame:
    """Read tweets without labels: the columns id and text, which are strings, and any others of the file.

    Raises:
        DataError: the file cannot be read, or lacks a column or a text.

    """
    return tweet_frame(read_tweet_file(path, settings or LabelSettings()))


def tweet_frame(file: TweetRows) -> pd.DataFrame:
    """Return a file's rows with the columns id and text, whatever the file calls them."""
    names = {role: file.header[n] for role, n in file.columns._asdict().items() if n is not None}
    names = {role if role != "label" else "target": name for role, name in names.items()}
    others = [name for name in file.header if name in {"id", *names} and name not in names.values()]
    frame = file.rows.drop(columns=others).rename(columns={name: role for role, name in names.items()})
    if "id" not in frame:
        frame.insert(0, "id", "")
    return frame.assign(id=pd.Series(file.ids, dtype=str), text=pd.Series(file.texts, dtype=str))


def _with_targets(file: LabelledFile) -> pd.DataFrame:
    return tweet_frame(file).assign(target=file.targets)


def _name(folder: Path, labelled: pd.DataFrame) -> str:
    if folder.resolve() == SAMPLE:
        return "sample"
    return "kaggle" if (len(labelled), int(labelled.target.sum())) == _KAGGLE else "custom"


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

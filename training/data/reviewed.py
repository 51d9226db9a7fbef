"""Reviewed tweets: trained on beside the data, never measured, and never beside a near-duplicate that is measured."""

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from schemas import CLASSES, ClassNames
from training.data.dataset import Split, Targets, load_files, targets_of, texts_of
from training.data.duplicates import Groups, near_duplicates, normalize
from training.data.groups import shared_groups
from training.data.label_columns import LabelSettings
from training.data.labelled_files import LabelledFile
from worker.errors import DataError
from worker.types import Bools, Ints

WEIGHT = 10
"""How many tweets of the data one reviewed tweet counts as; `docs/review.md` has the experiment."""
FILE = "reviewed.json"
"""In an artifact: which tweets it was trained on after a review."""


class Beside(NamedTuple):
    """Texts and targets to train on beside those of the data."""

    texts: list[str]
    targets: Targets


TrainBeside = Callable[[Ints], Beside]
"""Returns what to train on where the tweets of the data with these indices are predicted."""


def nothing_beside(_tested: Ints) -> Beside:
    """Return nothing: there are no reviewed tweets."""
    return Beside([], np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class Reviewed:
    """Reviewed tweets as a file has them."""

    tweets: pd.DataFrame
    """Columns id, text, target and any others."""
    weight: int = WEIGHT
    """How often each is repeated among the training tweets."""
    remarks: tuple[str, ...] = ()

    def among(self, parts: Split, grouped_by: str) -> "ReviewedTweets":
        """Return them as they are trained on beside the training part; near-duplicates of held-out tweets are left out.

        Args:
            parts: the data.
            grouped_by: what makes a group of the training part.

        """
        frames = (parts.held_out, parts.train, self.tweets)
        duplicates = near_duplicates([text for frame in frames for text in texts_of(frame)])
        held_out, train, own = np.split(duplicates, np.cumsum([len(frame) for frame in frames])[:-1])
        kept = ~np.isin(own, held_out)
        groups = shared_groups(parts.train, self.tweets, grouped_by)
        return ReviewedTweets(self.tweets[kept], self.weight, (train, own[kept]), (groups[0], groups[1][kept]))


@dataclass(frozen=True)
class ReviewedTweets:
    """Reviewed tweets beside the training part of the data."""

    tweets: pd.DataFrame
    weight: int
    duplicates: tuple[Groups, Groups]
    """Groups of near-duplicates of the training part's n tweets, and of the reviewed ones; they share numbers."""
    groups: tuple[Groups, Groups]
    """What the folds of unseen groups keep together, in the same way."""

    def all(self) -> Beside:
        """Return all of them."""
        return self._beside(np.ones(len(self.tweets), dtype=np.bool_))

    def beside(self, tested: Ints) -> Beside:
        """Return those that are not near-duplicates of the tested tweets, indices into the training part."""
        return self._beside(_apart(self.duplicates, tested))

    def beside_groups(self, tested: Ints) -> Beside:
        """Return those that are neither near-duplicates of the tested tweets nor of their groups."""
        return self._beside(_apart(self.duplicates, tested) & _apart(self.groups, tested))

    def _beside(self, kept: Bools) -> Beside:
        frame = self.tweets[kept]
        return Beside(texts_of(frame) * self.weight, np.tile(targets_of(frame), self.weight))


def _apart(numbers: tuple[Groups, Groups], tested: Ints) -> Bools:
    measured, own = numbers
    return ~np.isin(own, measured[tested])


def read_reviewed(paths: Sequence[Path], weight: int = WEIGHT, classes: ClassNames = CLASSES) -> Reviewed | None:
    """Read review files, or others with labels; rows without a label, or to skip, are left out. None without files.

    Raises:
        DataError: a file cannot be read, or no tweet has a label.

    """
    if not paths:
        return None
    settings = LabelSettings(command="python -m training fit --reviewed FILE", classes=classes)
    found = load_files(paths, settings)
    return Reviewed(found.labelled, weight, found.remarks)


def write_fingerprints(folder: Path, tweets: pd.DataFrame) -> None:
    """Write into an artifact which tweets it was trained on, so that `evaluate` leaves them out; texts stay private."""
    found = sorted(map(fingerprint, texts_of(tweets)))
    (folder / FILE).write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


def read_fingerprints(folder: Path) -> Collection[str]:
    """Return the fingerprints of the reviewed tweets that an artifact was trained on."""
    path = folder / FILE
    return set(json.loads(path.read_bytes())) if path.is_file() else set()


def without_reviewed(files: Sequence[LabelledFile], folders: Sequence[Path]) -> tuple[list[LabelledFile], list[str]]:
    """Return labelled files without the tweets that an artifact was trained on after a review, and what to say of that.

    Raises:
        DataError: no tweet is left.

    """
    trained = set().union(*map(read_fingerprints, folders))
    if not trained:
        return list(files), []
    kept = [file.only([n for n, text in enumerate(file.texts) if fingerprint(text) not in trained]) for file in files]
    before, after = (sum(len(file.texts) for file in some) for some in (files, kept))
    if not after:
        raise DataError(
            "the artifact was trained on all of these tweets, after a review: evaluate it on other labelled tweets"
        )
    said = f"{before - after:,} tweets are left out: an artifact was trained on them, after a review"
    return [file for file in kept if file.texts], [said] if before > after else []


def fingerprint(text: str) -> str:
    """Return what identifies a tweet and its repetitions with other links, mentions or punctuation."""
    return hashlib.sha256((normalize(text) or text).encode("utf-8", "replace")).hexdigest()[:24]

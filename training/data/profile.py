"""Profile of a data set: classes, lengths, duplicates, words, missing values. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd

from schemas import CLASSES, ClassNames
from training.data.dataset import Targets, targets_of, texts_of
from training.data.duplicates import Groups, conflicting, exact_duplicates, near_duplicates
from training.data.similarity import Advance
from training.data.words import Word, count_words, is_content, most_telling


@dataclass(frozen=True)
class Lengths:
    """Distribution of lengths, in words or in characters."""

    mean: float
    median: float
    percentile_95: float
    longest: int
    histogram: dict[str, list[int]]
    """For each class, the target 1 first: number of tweets of length 0, 1, 2, ..."""


@dataclass(frozen=True)
class Duplicates:
    """Counts of groups of two or more duplicates, and of the tweets in them."""

    groups: int
    tweets: int
    conflicting_groups: int
    """Groups with both labels: one of the labels is wrong."""
    conflicting_tweets: int


@dataclass(frozen=True)
class Value:
    """A keyword or a location, the number of its tweets and their share of disasters."""

    value: str
    tweets: int
    disaster_share: float


@dataclass(frozen=True)
class Facts:
    """Everything that `explore` shows."""

    tweets: int
    disasters: int
    classes: ClassNames
    """Names of the targets 0 and 1."""
    words: Lengths
    characters: Lengths
    exact_duplicates: Duplicates
    near_duplicates: Duplicates
    frequent_words: list[Word]
    """The most frequent words, stop words included, in descending order."""
    frequent_content_words: list[Word]
    """The same without stop words, numbers and single letters."""
    telling_words: dict[str, list[Word]]
    """For each class, the words with the largest z-scores first."""
    missing: dict[str, int]
    """For each column, number of rows where it is empty or blank."""
    values: dict[str, list[Value]]
    """Values of the columns `keyword` and `location`, if present, the most frequent first."""

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as JSON-serializable values."""
        return asdict(self)


def explore(
    labelled: pd.DataFrame, most: int = 20, advance: Advance = lambda _done: None, classes: ClassNames = CLASSES
) -> Facts:
    """Compute the profile of labelled tweets.

    Args:
        labelled: columns text and target (0 or 1), and any others.
        most: number of words to list of each kind.
        advance: called as tweets are compared with the others; adds up to their number.
        classes: names of the targets 0 and 1.

    """
    texts, targets = texts_of(labelled), targets_of(labelled)
    words = count_words(texts, targets)
    return Facts(
        tweets=len(texts),
        disasters=int(targets.sum()),
        classes=classes,
        words=lengths([len(text.split()) for text in texts], targets, classes),
        characters=lengths([len(text) for text in texts], targets, classes),
        exact_duplicates=count_duplicates(exact_duplicates(texts), targets),
        near_duplicates=count_duplicates(near_duplicates(texts, advance), targets),
        frequent_words=words[:most],
        frequent_content_words=[word for word in words if is_content(word.word)][:most],
        telling_words=most_telling(words, most, classes),
        missing={str(name): int(_empty(labelled[name]).sum()) for name in labelled},
        values={name: value_counts(labelled, name) for name in ("keyword", "location") if name in labelled},
    )


def lengths(counts: Sequence[int], targets: Targets, classes: ClassNames = CLASSES) -> Lengths:
    """Return the distribution of lengths.

    Args:
        counts: length of each tweet, shape (n,).
        targets: 0 or 1, shape (n,).
        classes: names of the targets 0 and 1.

    """
    values = np.asarray(counts)
    longest = int(values.max())
    by_class = {classes[target]: values[targets == target] for target in (1, 0)}
    return Lengths(
        mean=float(values.mean()),
        median=float(np.median(values)),
        percentile_95=float(np.percentile(values, 95)),
        longest=longest,
        histogram={name: np.bincount(some, minlength=longest + 1).tolist() for name, some in by_class.items()},
    )


def count_duplicates(groups: Groups, targets: Targets) -> Duplicates:
    """Count the groups with two or more members, and those of them with both labels."""
    repeated, mixed = np.bincount(groups)[groups] > 1, conflicting(groups, targets)
    return Duplicates(
        groups=len(np.unique(groups[repeated])),
        tweets=int(repeated.sum()),
        conflicting_groups=len(np.unique(groups[mixed])),
        conflicting_tweets=int(mixed.sum()),
    )


def value_counts(labelled: pd.DataFrame, column: str) -> list[Value]:
    """Return the values of a column, the most frequent first, percent-decoded: `body%20bags` becomes `body bags`."""
    filled = labelled[~_empty(labelled[column])]
    groups = filled["target"].groupby(filled[column].astype(str).map(unquote)).agg(["size", "mean"])
    values = [Value(str(name), int(row["size"]), float(row["mean"])) for name, row in groups.iterrows()]
    return sorted(values, key=lambda value: (-value.tweets, value.value))


def sample(labelled: pd.DataFrame, size: int, seed: int) -> pd.DataFrame:
    """Return `size` random rows, or all rows if there are fewer."""
    return labelled.sample(n=min(size, len(labelled)), random_state=seed)


def _empty(column: "pd.Series[Any]") -> "pd.Series[bool]":
    return column.isna() | (column.astype(str).str.strip() == "")

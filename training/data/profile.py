"""What the labelled tweets are like, before any model sees them. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd

from training.data.dataset import Targets, targets_of, texts_of
from training.data.duplicates import Groups, conflicting, exact_duplicates, near_duplicates
from training.data.words import Word, count_words, is_content, most_telling


@dataclass(frozen=True)
class Lengths:
    """How long tweets are, in words or in characters."""

    mean: float
    median: float
    percentile_95: float
    longest: int
    histogram: dict[str, list[int]]
    """For each class, `disaster` and `not_disaster`, the number of tweets of length 0, 1, 2 and so on."""


@dataclass(frozen=True)
class Duplicates:
    """Groups of two or more tweets that say the same."""

    groups: int
    tweets: int
    conflicting_groups: int
    """Groups that hold both labels: one of them is wrong."""
    conflicting_tweets: int


@dataclass(frozen=True)
class Value:
    """A keyword or a location, in how many tweets it is and which share of these are disasters."""

    value: str
    tweets: int
    disaster_share: float


@dataclass(frozen=True)
class Facts:
    """All that `explore` shows."""

    tweets: int
    disasters: int
    words: Lengths
    characters: Lengths
    exact_duplicates: Duplicates
    near_duplicates: Duplicates
    frequent_words: list[Word]
    """The most frequent first, `the` and its like included."""
    frequent_content_words: list[Word]
    """The same without stop words, figures and single letters."""
    telling_words: dict[str, list[Word]]
    """For each class the most telling first."""
    missing: dict[str, int]
    """For each column, in how many rows it is empty or blank."""
    values: dict[str, list[Value]]
    """All of `keyword` and `location`, the most frequent first, where there are such columns."""

    def as_dict(self) -> dict[str, Any]:
        """Return the facts for JSON."""
        return asdict(self)


def explore(labelled: pd.DataFrame, most: int = 20) -> Facts:
    """Return the facts about labelled tweets.

    Args:
        labelled: columns text and target (0 or 1), and any others.
        most: how many words to list of each kind.

    """
    texts, targets = texts_of(labelled), targets_of(labelled)
    words = count_words(texts, targets)
    return Facts(
        tweets=len(texts),
        disasters=int(targets.sum()),
        words=lengths([len(text.split()) for text in texts], targets),
        characters=lengths([len(text) for text in texts], targets),
        exact_duplicates=repeats(exact_duplicates(texts), targets),
        near_duplicates=repeats(near_duplicates(texts), targets),
        frequent_words=words[:most],
        frequent_content_words=[word for word in words if is_content(word.word)][:most],
        telling_words=most_telling(words, most),
        missing={str(name): int(_empty(labelled[name]).sum()) for name in labelled},
        values={name: value_counts(labelled, name) for name in ("keyword", "location") if name in labelled},
    )


def lengths(counts: Sequence[int], targets: Targets) -> Lengths:
    """Return the distribution of lengths, shape (n,), of tweets with these targets, 0 or 1, shape (n,)."""
    values = np.asarray(counts)
    longest = int(values.max())
    by_class = {name: values[targets == target] for name, target in (("disaster", 1), ("not_disaster", 0))}
    return Lengths(
        mean=float(values.mean()),
        median=float(np.median(values)),
        percentile_95=float(np.percentile(values, 95)),
        longest=longest,
        histogram={name: np.bincount(some, minlength=longest + 1).tolist() for name, some in by_class.items()},
    )


def repeats(groups: Groups, targets: Targets) -> Duplicates:
    """Count the groups with two or more members."""
    repeated, mixed = np.bincount(groups)[groups] > 1, conflicting(groups, targets)
    return Duplicates(
        groups=len(np.unique(groups[repeated])),
        tweets=int(repeated.sum()),
        conflicting_groups=len(np.unique(groups[mixed])),
        conflicting_tweets=int(mixed.sum()),
    )


def value_counts(labelled: pd.DataFrame, column: str) -> list[Value]:
    """Return a column's values, the most frequent first; Kaggle's `body%20bags` is `body bags`."""
    filled = labelled[~_empty(labelled[column])]
    groups = filled["target"].groupby(filled[column].astype(str).map(unquote)).agg(["size", "mean"])
    values = [Value(str(name), int(row["size"]), float(row["mean"])) for name, row in groups.iterrows()]
    return sorted(values, key=lambda value: (-value.tweets, value.value))


def sample(labelled: pd.DataFrame, size: int, seed: int) -> pd.DataFrame:
    """Return that many rows at random, all of them where there are fewer."""
    return labelled.sample(n=min(size, len(labelled)), random_state=seed)


def _empty(column: "pd.Series[Any]") -> "pd.Series[bool]":
    return column.isna() | (column.astype(str).str.strip() == "")

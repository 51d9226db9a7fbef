"""Groups of tweets that belong together, such as those of one event: none is in training and test at once. Pure."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from training.data.duplicates import Groups, near_duplicates
from worker.errors import SettingError
from worker.files.columns import find_column

DEFAULT_COLUMNS = ("event", "file", "keyword")
NEAR_DUPLICATES = "near-duplicates"


class Grouping(NamedTuple):
    """What tweets are grouped by, and each tweet's group."""

    by: str
    """A column, or `near-duplicates`."""
    groups: Groups
    """Shape (n,)."""


def group_tweets(tweets: pd.DataFrame, column: str | None = None) -> Grouping:
    """Return the groups of tweets with the same value in the column, by default `event`, `file` or `keyword`.

    Near-duplicates make a group where the value is blank, and where the data have no such column.

    Args:
        tweets: columns text and any others.
        column: the user's choice.

    Raises:
        SettingError: there is no such column, or its values make fewer than two groups.

    """
    header = [str(name) for name in tweets.columns]
    if column is None:
        found = [name for name in DEFAULT_COLUMNS if name in header and _values(tweets, name).nunique() > 1]
        return _grouped(tweets, found[0]) if found else Grouping(NEAR_DUPLICATES, near_duplicates(_texts(tweets)))
    grouping = _grouped(tweets, header[find_column(header, column, "--group-by", "the data")])
    if len(set(grouping.groups.tolist())) < 2:
        raise SettingError(f"--group-by {column}: the tweets are one group; folds need at least two")
    return grouping


def shared_groups(tweets: pd.DataFrame, others: pd.DataFrame, by: str) -> tuple[Groups, Groups]:
    """Return the groups of tweets and of others, so that the same number is the same group.

    Args:
        tweets: columns text and any others.
        others: the same; without the column `by`, near-duplicates make their groups.
        by: a column of the tweets, or `near-duplicates`.

    """
    both = pd.concat([tweets, others], ignore_index=True).fillna("")
    groups = near_duplicates(_texts(both)) if by == NEAR_DUPLICATES else _grouped(both, by).groups
    return groups[: len(tweets)], groups[len(tweets) :]


def _grouped(tweets: pd.DataFrame, column: str) -> Grouping:
    values = _values(tweets, column)
    blank = (values == "").to_numpy()
    codes = np.asarray(pd.factorize(values)[0], dtype=np.int64)
    codes[blank] = len(tweets) + near_duplicates(_texts(tweets[blank]))
    return Grouping(column, np.asarray(pd.factorize(codes)[0], dtype=np.int64))


def _values(tweets: pd.DataFrame, column: str) -> "pd.Series[str]":
    return tweets[column].astype(str).str.strip().str.casefold()


def _texts(tweets: pd.DataFrame) -> list[str]:
    return tweets["text"].astype(str).tolist()

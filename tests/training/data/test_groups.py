"""Groups of tweets."""

import pandas as pd
import pytest

from training.data.groups import group_tweets
from worker.errors import DataError, SettingError

TEXTS = ["a storm in the east", "cake", "A storm in the east!", "rain", "cake", "wind"]


def tweets(**columns: list[str]) -> pd.DataFrame:
    """Return the tweets with more columns."""
    return pd.DataFrame({"text": TEXTS, **columns})


@pytest.mark.parametrize(
    ("columns", "by", "groups"),
    [
        ({}, "near-duplicates", [0, 1, 0, 2, 1, 3]),
        ({"keyword": ["a", "a", "b", "b", "A ", "b"]}, "keyword", [0, 0, 1, 1, 0, 1]),
        ({"keyword": ["a", "a", "b", "b", "a", "b"], "event": ["x", "y", "x", "y", "x", "y"]}, "event",
         [0, 1, 0, 1, 0, 1]),
        ({"keyword": ["", "", "", "storm", "cake", "storm"]}, "keyword", [0, 1, 0, 2, 3, 2]),
        ({"keyword": [""] * 6}, "near-duplicates", [0, 1, 0, 2, 1, 3]),
        ({"event": ["flood"] * 6}, "near-duplicates", [0, 1, 0, 2, 1, 3]),
    ],
)  # fmt: skip
def test_groups_are_events_or_keywords_or_near_duplicates(
    columns: dict[str, list[str]], by: str, groups: list[int]
) -> None:
    """A column that says nothing is passed over; tweets without a value are grouped by near-duplicates."""
    found = group_tweets(tweets(**columns))
    assert (found.by, found.groups.tolist()) == (by, groups)


def test_the_users_column_goes_before_the_known_ones() -> None:
    """--group-by may name any column."""
    found = group_tweets(tweets(keyword=list("aabbcc"), Language=["en", "en", "en", "es", "es", "es"]), "language")
    assert (found.by, found.groups.tolist()) == ("Language", [0, 0, 0, 1, 1, 1])


def test_a_column_without_groups_is_refused() -> None:
    """A missing column, and one with a single value, allow no grouped folds."""
    with pytest.raises(DataError, match="--group-by: no column is 'event'; the columns are text"):
        group_tweets(tweets(), "event")
    with pytest.raises(SettingError, match="the tweets are one group"):
        group_tweets(tweets(lang=["en"] * 6), "lang")

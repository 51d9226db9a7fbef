"""Columns of labelled files."""

import pytest

from training.data.label_columns import Columns, LabelSettings, find_columns
from worker.errors import DataError
from worker.files.types import Row


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["tweet id", "tweet", "label"], Columns(1, 2, 0)),
        (["Tweet ID", "Tweet Text", "Information Source", "Informativeness"], Columns(1, 3, 0)),
        (["id", "keyword", "location", "text", "target"], Columns(3, 4, 0)),
        (["label", "full_text"], Columns(1, 0, None)),
    ],
)
def test_columns_with_known_names_are_found(header: list[str], columns: Columns) -> None:
    """The files of Kaggle and CrisisLex need no flags."""
    assert find_columns(header, LabelSettings(), "f.csv, line 1") == columns


def test_the_flags_are_guessed_from_the_rows() -> None:
    """A message has the command to try, with the column of the longest values and that of the fewest."""
    rows = [Row(n, [str(n), f"{n} houses are under water", ["flood", "rest"][n % 2], "en"]) for n in range(9)]
    with pytest.raises(DataError, match="try: fit --data f --text-column 'my body' --label-column class"):
        find_columns(["nr", "my body", "class", "lang"], LabelSettings(command="fit --data f"), "f.csv", rows)


def test_a_flag_goes_before_known_names() -> None:
    """The user's choice holds where the file has known names as well; an equal name goes before a similar one."""
    header = ["id", "ID", "text", "body", "label", "class"]
    chosen = LabelSettings(text_column="body", label_column="class", id_column="ID")
    assert find_columns(header, chosen, "f.csv") == Columns(3, 5, 1)


@pytest.mark.parametrize(
    ("header", "settings", "message"),
    [
        (["id", "body", "label"], LabelSettings(command="evaluate f.csv"), "f.csv, line 1: no column has a known name "
         "for the text; the columns are id, body, label; try: evaluate f.csv --text-column NAME"),
        (["text", "tweet", "label"], LabelSettings(command="evaluate f.csv"), "f.csv, line 1: 'text' and 'tweet' may "
         "be the text; the columns are text, tweet, label; try: evaluate f.csv --text-column text"),
        (["text", "label", "id", "tweet_id"], LabelSettings(), "'id' and 'tweet_id' may be the id"),
        (["text", "label", "text"], LabelSettings(), "two columns are called 'text'"),
        (["text", "label"], LabelSettings(text_column="body"), "--text-column: no column is 'body'"),
        (["Body", "BODY", "label"], LabelSettings(text_column="body"), "several columns may be 'body'"),
    ],
)  # fmt: skip
def test_what_is_ambiguous_is_refused(header: list[str], settings: LabelSettings, message: str) -> None:
    """The message shows the columns and what to try."""
    with pytest.raises(DataError) as refused:
        find_columns(header, settings, "f.csv, line 1")
    assert message in str(refused.value)

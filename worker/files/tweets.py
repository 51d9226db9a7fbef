"""Tweets of a table: the columns of text and id by their names, the others that a tweet has as well."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas import Tweet
from worker.files.bad_rows import text_fault
from worker.files.columns import check_unique, find_role, known_columns, missing_flags
from worker.files.tables import TweetFile
from worker.files.types import BadRow, Row


@dataclass(frozen=True)
class TweetColumns:
    """What the user says of the columns; None leaves it to the known names."""

    text: str | None = None
    id: str | None = None
    command: str = "python -m worker produce FILE"
    """The command that a message asks the user to try again, with other flags."""


def read_tweets(file: TweetFile, columns: TweetColumns) -> Iterator[dict[str, str] | BadRow]:
    """Yield a tweet for each row of a table; without a column of ids, tweets have none.

    Raises:
        DataError: the file cannot be read, or it is not clear which columns to use.

    """
    found: Mapping[str, int] = {}
    for row in file.rows():
        if isinstance(row, BadRow):
            yield row
        elif not found:
            found = _columns(row.fields, columns, f"{file.path}, line {row.line}")
        elif wrong := _fault(row, found):
            yield BadRow(row.line, wrong)
        else:
            yield {name: value for name, n in found.items() if (value := row.fields[n])}


def _columns(header: Sequence[str], columns: TweetColumns, where: str) -> Mapping[str, int]:
    """Return the index of each field of a tweet that the table has."""
    check_unique(header, where)
    found = {name: header.index(name) for name in Tweet.model_fields if name in header}
    again = columns.command + missing_flags(header, {"text": columns.text}, {})
    text = find_role(header, "text", columns.text, again, where)
    if columns.id is None and not known_columns(header, "id"):
        return {**found, "text": text}
    again = columns.command + missing_flags(header, {"id": columns.id}, {})
    return {**found, "text": text, "id": find_role(header, "id", columns.id, again, where)}


def _fault(row: Row, columns: Mapping[str, int]) -> str:
    blank_id = "id" in columns and not row.fields[columns["id"]].strip()
    return text_fault(row.fields[columns["text"]]) or ("the row has no id" if blank_id else "")

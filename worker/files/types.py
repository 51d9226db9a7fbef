"""Types of the file readers."""

from typing import Any, Literal, NamedTuple, TypeAlias

Json: TypeAlias = Any
"""A value of JSON or of Parquet."""

Kind = Literal["table", "json", "parquet"]
OnBadRow = Literal["refuse", "skip"]


class Row(NamedTuple):
    """A row of a file, or an entry of JSON."""

    line: int
    """Number of its first line, from 1; in Parquet and in a JSON array the number of the row."""
    fields: list[str]
    """As many as the header has."""


class BadRow(NamedTuple):
    """A row that cannot be read."""

    line: int
    why: str


class Entry(NamedTuple):
    """A tweet, or anything else, of a JSON file."""

    line: int
    raw: bytes
    """The entry's own bytes where it is a line of UTF-8; JSON in UTF-8 otherwise."""
    value: Json
    """None where it is not JSON."""
    why: str = ""
    """Why it is not JSON."""

"""Tables of tweets from files of any format."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from worker.errors import DataError
from worker.files.bad_rows import BadRows
from worker.files.columns import known_columns
from worker.files.parquet import as_text
from worker.files.tables import TweetFile, find_format
from worker.files.types import BadRow, Entry, Json, OnBadRow, Row
from worker.formats.detection import detect
from worker.formats.json_text import clean
from worker.formats.types import BadValueError, Found


@dataclass(frozen=True)
class Table:
    """All rows of a file, as text."""

    path: Path
    sha256: str
    line: int
    """Of the header."""
    header: list[str]
    rows: list[Row]
    bad: BadRows
    remark: str
    """On the encoding; may be empty."""


def read_table(path: Path, encoding: str | None = None, on_bad_row: OnBadRow = "refuse") -> Table:
    """Read a file: CSV and its kin, JSON lines or an array, Parquet, also packed.

    JSON has the columns that its entries have; a tweet of any shape that the worker knows has `id` and `text`.

    Raises:
        DataError: the file cannot be read, has no rows, or has a bad one and `refuse` is chosen.
        SettingError: the encoding is not known.

    """
    file, bad = find_format(path, encoding), BadRows(path, on_bad_row)
    header, *rows = _good(_json_rows(file) if file.kind == "json" else file.rows(), bad)
    if not rows and not bad.found:
        raise DataError(f"{path} has no rows below its header" if header.fields else f"{path} is empty")
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    return Table(path, checksum, header.line, header.fields, rows, bad, file.remark)


def _good(rows: Iterator[Row | BadRow], bad: BadRows) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, BadRow):
            bad.add(row)
        else:
            yield row


def _json_rows(file: TweetFile) -> Iterator[Row | BadRow]:
    found = [(entry, _values(entry)) for entry in file.entries()]
    header = list(dict.fromkeys(name for _, values in found if not isinstance(values, str) for name in values))
    yield Row(1, header)
    for entry, values in found:
        if isinstance(values, str):
            yield BadRow(entry.line, values)
        else:
            yield Row(entry.line, [as_text(values.get(name)) for name in header])


def _values(entry: Entry) -> Mapping[str, Json] | str:
    """Return an entry's values by column, or why it has none."""
    if entry.why or not isinstance(entry.value, dict):
        return entry.why or "the entry is not a JSON object"
    values: dict[str, Json] = clean(entry.value)
    try:
        found = detect(values)
    except BadValueError as error:
        return str(error)
    return _with_tweet(values, found) if isinstance(found, Found) else values


def _with_tweet(values: dict[str, Json], found: Found) -> dict[str, Json]:
    """Return the values, those of the tweet in the envelope, and the tweet's id and text in place of all cut ones."""
    tweet: dict[str, Json] = {"text": found.text} if found.id is None else {"id": found.id, "text": found.text}
    others = values if found.source is values else {**_scalars(values), **_as_dict(found.source)}
    replaced = {name for role in tweet for name in known_columns(list(others), role)}
    return tweet | {name: value for name, value in others.items() if name not in replaced}


def _as_dict(source: Json) -> dict[str, Json]:
    return dict(source) if isinstance(source, dict) else {}


def _scalars(envelope: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in envelope.items() if not isinstance(value, dict | list)}

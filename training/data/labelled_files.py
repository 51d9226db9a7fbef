"""Labelled files of others: CSV in UTF-8 with any columns and labels, read strictly."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from training.data.dataset import Targets
from training.data.label_classes import check_given, counted, find_meanings
from training.data.label_columns import Columns, LabelSettings, find_column, find_columns
from worker.errors import DataError


@dataclass(frozen=True)
class LabelledFile:
    """The labelled tweets of one file."""

    path: Path
    sha256: str
    header: list[str]
    rows: pd.DataFrame
    """All columns of the file, as strings; rows whose label means neither are left out."""
    ids: list[str]
    """Shape (n,); the numbers of the rows' lines where the file has no column of ids."""
    texts: list[str]
    """Shape (n,)."""
    targets: Targets
    """0 or 1, shape (n,)."""
    left_out: Counter[str]
    """Rows that were left out, by label."""

    def column(self, name: str, flag: str) -> list[str]:
        """Return the values of a column; raises DataError if there is none of this name."""
        return self.rows.iloc[:, find_column(self.header, name, flag, str(self.path))].tolist()


class _Row(NamedTuple):
    line: int
    fields: list[str]


def read_labelled_files(paths: Sequence[Path], settings: LabelSettings) -> list[LabelledFile]:
    """Read labelled files.

    Raises:
        DataError: a file cannot be read, is not CSV in UTF-8, has a row with too many or too few fields or without a
            text or a label, or it is not clear which columns to use or what a label means.

    """
    read = [(path, _read_rows(path)) for path in paths]
    found = [
        (path, rows, find_columns(rows[0].fields, settings, f"{path}, line {rows[0].line}")) for path, rows in read
    ]
    labels = [_labels(path, rows[1:], columns) for path, rows, columns in found]
    check_given(settings, sum(labels, Counter()))
    return [
        _labelled(path, rows, columns, counts, settings)
        for (path, rows, columns), counts in zip(found, labels, strict=True)
    ]


def _labelled(
    path: Path, rows: list[_Row], columns: Columns, counts: Counter[str], settings: LabelSettings
) -> LabelledFile:
    meanings = find_meanings(counts, settings, str(path))
    kept = [row for row in rows[1:] if meanings[_label(row, columns)] is not None]
    if not kept:
        raise DataError(f"{path}: no row means a disaster or none; the labels are {counted(counts)}")
    return LabelledFile(
        path=path,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        header=rows[0].fields,
        rows=pd.DataFrame([row.fields for row in kept], columns=rows[0].fields),
        ids=[str(row.line) if columns.id is None else row.fields[columns.id].strip(" '") for row in kept],
        texts=[row.fields[columns.text] for row in kept],
        targets=np.array([meanings[_label(row, columns)] for row in kept], dtype=np.int64),
        left_out=Counter({label: rows for label, rows in counts.items() if meanings[label] is None}),
    )


def _labels(path: Path, rows: Sequence[_Row], columns: Columns) -> Counter[str]:
    """Return how many rows have each label; check that each row has a text and a label."""
    for row in rows:
        for role in ("text", "label"):
            if not row.fields[getattr(columns, role)].strip():
                raise DataError(f"{path}, line {row.line}: the row has no {role}; remove it or correct it")
    return Counter(_label(row, columns) for row in rows)


def _label(row: _Row, columns: Columns) -> str:
    return row.fields[columns.label].strip()


def _read_rows(path: Path) -> list[_Row]:
    """Return the header, its names stripped, and the rows, each with as many fields."""
    rows = list(_parse(path, _decoded(path)))
    if len(rows) < 2:
        raise DataError(f"{path} has no rows below its header" if rows else f"{path} is empty")
    header = rows[0]._replace(fields=[name.strip() for name in rows[0].fields])
    for row in rows[1:]:
        if len(row.fields) != len(header.fields):
            raise DataError(
                f"{path}, line {row.line}: the row has {len(row.fields)} fields, the header {len(header.fields)} "
                f"({', '.join(header.fields)}); a text with a comma needs quotation marks"
            )
    return [header, *rows[1:]]


def _parse(path: Path, text: str) -> Iterator[_Row]:
    """Yield the rows that are not empty, each with the number of its first line."""
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for fields in reader:
            if fields:
                yield _Row(line, fields)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path}, line {line}: the row that begins here is not CSV: {error}; a quotation mark inside of a text is "
            'written twice, and around the text once: "He said ""run"""'
        ) from error


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}, line {line}: not UTF-8 ({error.reason}); save the file as CSV in UTF-8") from error

"""Labelled files of others: any format, any columns and labels, read strictly."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.label_classes import Meanings, check_given, counted, find_meanings
from training.data.label_columns import Columns, LabelSettings, find_columns
from training.data.table import Table, read_table
from worker.errors import DataError
from worker.files.bad_rows import text_fault
from worker.files.columns import find_column
from worker.files.ids import looks_rounded, rounded_remark
from worker.files.types import BadRow, Row

PICKED_FOR = "picked_for"
"""The column by which a file of `review` is known: its rows without a label are left out, not bad."""


@dataclass(frozen=True)
class TweetRows:
    """The tweets of one file."""

    path: Path
    sha256: str
    header: list[str]
    rows: pd.DataFrame
    """All columns of the file, as strings."""
    columns: Columns
    ids: list[str]
    """Shape (n,); the numbers of the rows' lines where the file has no column of ids."""
    texts: list[str]
    """Shape (n,)."""
    remarks: list[str]
    """What to say to the user: the encoding, bad rows, ids that a spreadsheet has rounded."""

    def column(self, name: str, flag: str) -> list[str]:
        """Return the values of a column; raises DataError if there is none of this name."""
        return self.rows.iloc[:, find_column(self.header, name, flag, str(self.path))].tolist()


@dataclass(frozen=True)
class LabelledFile(TweetRows):
    """The labelled tweets of one file; rows whose label means neither are left out."""

    targets: NDArray[np.int64]
    """0 or 1, shape (n,)."""
    left_out: Counter[str]
    """Rows that were left out, by label."""
    meanings: Meanings
    """The target of each label."""

    def only(self, rows: Sequence[int]) -> "LabelledFile":
        """Return the same file with these of its rows."""
        ids, texts = [self.ids[n] for n in rows], [self.texts[n] for n in rows]
        kept = self.rows.iloc[list(rows)].reset_index(drop=True)
        return replace(self, rows=kept, ids=ids, texts=texts, targets=self.targets[list(rows)])

    def all_remarks(self) -> list[str]:
        """Return the remarks, and how many rows were left out for their labels."""
        left = f"{self.path}: {self.left_out.total():,} rows are left out, whose label means neither: "
        return [*self.remarks, *([left + counted(self.left_out)] if self.left_out else [])]


def read_tweet_file(path: Path, settings: LabelSettings) -> TweetRows:
    """Read a file of tweets without labels, or whose labels are of no interest.

    Raises:
        DataError: as `read_labelled_files`, but for labels.

    """
    table, columns = _read(path, settings, labelled=False)
    return TweetRows(*_parts(table, columns, table.rows))


def read_labelled_files(paths: Sequence[Path], settings: LabelSettings) -> list[LabelledFile]:
    """Read labelled files.

    Raises:
        DataError: a file cannot be read, has a row with too many or too few fields or without a text, an id or a label,
            or it is not clear which columns to use or what a label means.
        SettingError: the encoding is not known.

    """
    read = [_read(path, settings, labelled=True) for path in paths]
    labels = [Counter(_label(row, columns) for row in table.rows) for table, columns in read]
    check_given(settings, sum(labels, Counter()))
    return [_labelled(table, columns, counts, settings) for (table, columns), counts in zip(read, labels, strict=True)]


def _read(path: Path, settings: LabelSettings, *, labelled: bool) -> tuple[Table, Columns]:
    """Return a file's table without the rows that lack a text, an id or a label, and its columns."""
    table = read_table(path, settings.encoding, settings.on_bad_row)
    columns = find_columns(table.header, settings, f"{path}, line {table.line}", table.rows, labelled=labelled)
    if labelled and PICKED_FOR in table.header:
        table.rows[:] = [row for row in table.rows if _label(row, columns)]
        if not table.rows:
            raise DataError(f"{path}: no tweet of this review has a label yet")
    table.rows[:] = _complete(table, columns)
    if not table.rows:
        raise DataError(f"{path} has no row that can be read: {table.bad.found[0].why}")
    return table, columns


def _complete(table: Table, columns: Columns) -> Iterator[Row]:
    for row in table.rows:
        if wrong := text_fault(row.fields[columns.text]) or _missing(row, columns):
            table.bad.add(BadRow(row.line, wrong))
        else:
            yield row


def _missing(row: Row, columns: Columns) -> str:
    for role in ("label", "id"):
        index = getattr(columns, role)
        if index is not None and not row.fields[index].strip():
            return f"the row has no {role}" + (_named(row, columns) if role == "label" else "")
    return ""


def _labelled(table: Table, columns: Columns, counts: Counter[str], settings: LabelSettings) -> LabelledFile:
    first = {_label(row, columns): row for row in reversed(table.rows)}
    places = {label: f"{table.path}, line {row.line}{_named(row, columns)}" for label, row in first.items()}
    meanings = find_meanings(counts, settings, str(table.path), places)
    kept = [row for row in table.rows if meanings[_label(row, columns)] is not None]
    if not kept:
        raise DataError(f"{table.path}: no row means a disaster or none; the labels are {counted(counts)}")
    return LabelledFile(
        *_parts(table, columns, kept),
        targets=np.array([meanings[_label(row, columns)] for row in kept], dtype=np.int64),
        left_out=Counter({label: rows for label, rows in counts.items() if meanings[label] is None}),
        meanings=meanings,
    )


def _parts(
    table: Table, columns: Columns, rows: Sequence[Row]
) -> tuple[Path, str, list[str], pd.DataFrame, Columns, list[str], list[str], list[str]]:
    ids, texts = [_id(row, columns) for row in rows], [row.fields[columns.text] for row in rows]
    rounded = sum(map(looks_rounded, ids))
    remarks = [*([table.remark] if table.remark else []), *table.bad.remarks()]
    remarks += [rounded_remark(table.path, rounded)] if rounded else []
    frame = pd.DataFrame([row.fields for row in rows], columns=table.header)
    return table.path, table.sha256, table.header, frame, columns, ids, texts, remarks


def _id(row: Row, columns: Columns) -> str:
    return str(row.line) if columns.id is None else row.fields[columns.id].strip(" '")


def _named(row: Row, columns: Columns) -> str:
    return "" if columns.id is None else f" (id {_id(row, columns)})"


def _label(row: Row, columns: Columns) -> str:
    return row.fields[columns.label or 0].strip()

"""Rows of CSV, TSV and files with semicolons or bars, read strictly: none is dropped, shifted or joined in silence."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator

from worker.files.encodings import decode_error
from worker.files.types import BadRow, Row

_DELIMITERS = ",;\t|"
_EXCELS_HINT = re.compile(r"sep=(.)\s*\Z", re.IGNORECASE)
_QUOTES = (
    'a quotation mark inside of a text is written twice, and around the text once: "He said ""run"""; a backslash '
    "before it is not enough"
)


class _Lines:
    """Lines that can be put back, with the number of the next one."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines, self._again = iter(lines), deque[str]()
        self._taken: list[str] = []
        self.next_line = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._taken.append(line)
        self.next_line += 1
        return line

    def begin_row(self) -> int:
        """Forget the lines of the last row; return the number of the next line."""
        self._taken.clear()
        return self.next_line

    @property
    def first(self) -> str:
        """The row's first line."""
        return self._taken[0]

    def put_back(self, keep: int) -> None:
        """Put the lines of the row back, but for the first `keep`."""
        again = self._taken[keep:]
        self._again.extendleft(reversed(again))
        self.next_line -= len(again)


def read_delimited(text: Iterable[str], delimiter: str | None = None) -> Iterator[Row | BadRow]:
    """Yield the header, its names stripped, and the rows; rows without any character are left out.

    A row that is not CSV costs only its first line: a quotation mark that never closes does not swallow the rest.

    Args:
        text: lines with their ends.
        delimiter: None for that of `,`, `;`, tab and `|` which splits the first line into most names.

    """
    lines = _Lines(text)
    header: list[str] = []
    for row in _rows(lines, delimiter):
        if header and isinstance(row, Row) and len(row.fields) != len(header):
            yield BadRow(row.line, _miscounted(row.fields, header))
        elif header or isinstance(row, BadRow):
            yield row
        else:
            header = [name.strip() or f"column {n}" for n, name in enumerate(row.fields, 1)]
            yield Row(row.line, header)


def _rows(lines: _Lines, delimiter: str | None) -> Iterator[Row | BadRow]:
    reader = None
    while True:
        number = lines.begin_row()
        try:
            if reader is None:
                delimiter = _delimiter(lines, delimiter)
                number = lines.begin_row()
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.put_back(1)
            yield _unquoted(number, lines.first, delimiter or ",", error)
            continue
        if wrong := decode_error("".join(fields)):
            yield BadRow(number, wrong)
        elif fields:
            yield Row(number, fields)


def _delimiter(lines: _Lines, chosen: str | None) -> str:
    """Return the delimiter, and leave the lines at the header; raises StopIteration where there is no line."""
    while not (first := next(lines)).strip():
        lines.begin_row()
    if hint := _EXCELS_HINT.match(first):
        return hint[1]
    lines.put_back(0)
    return chosen or max(_DELIMITERS, key=lambda one: len(next(csv.reader([first], delimiter=one))))


def _unquoted(line: int, text: str, delimiter: str, error: csv.Error) -> Row | BadRow:
    """Return the row of a line with tabs, whose quotation marks may be part of the text; a bad row otherwise."""
    if delimiter == "\t":
        return Row(line, text.rstrip("\r\n").split("\t"))
    return BadRow(line, f"the row that begins here is not CSV: {error}; {_QUOTES}")


def _miscounted(fields: list[str], header: list[str]) -> str:
    return (
        f"the row has {len(fields)} fields, the header {len(header)} ({', '.join(header)}); a text with a comma needs "
        "quotation marks, and no comma ends a row"
    )

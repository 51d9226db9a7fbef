"""A file of tweets as a table or as JSON entries, whatever its format."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from worker.errors import DataError
from worker.files.delimited import read_delimited
from worker.files.encodings import find_encoding
from worker.files.json_entries import read_entries
from worker.files.opening import Opened, errors_reported, open_file
from worker.files.parquet import MAGIC, read_parquet
from worker.files.types import BadRow, Entry, Kind, Row

_JSON = {".jsonl", ".ndjson", ".json"}
_TABLES = {".csv", ".tsv", ".tab", ".txt"}
_TABS = {".tsv", ".tab"}


@dataclass(frozen=True)
class TweetFile:
    """A file of tweets; each reading opens it again."""

    path: Path
    kind: Kind
    codec: str
    remark: str
    """What to say of its encoding; empty for UTF-8."""

    def rows(self) -> Iterator[Row | BadRow]:
        """Yield the header of a table and its rows.

        Raises:
            DataError: the file cannot be read, or is empty.

        """
        rows = self._of_parquet() if self.kind == "parquet" else self._of_text()
        header = next(rows, None)
        if not isinstance(header, Row):
            raise DataError(f"{self.path}, line {header.line}: {header.why}" if header else f"{self.path} is empty")
        yield header
        yield from rows

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of a JSON file.

        Raises:
            DataError: the file cannot be read.

        """
        with errors_reported(self.path), open_file(self.path) as opened, self._decoded(opened) as text:
            yield from read_entries(text, str(self.path))

    def _of_text(self) -> Iterator[Row | BadRow]:
        with errors_reported(self.path), open_file(self.path) as opened, self._decoded(opened) as text:
            yield from read_delimited(text, "\t" if opened.suffix in _TABS else None)

    def _of_parquet(self) -> Iterator[Row | BadRow]:
        with errors_reported(self.path), open_file(self.path) as opened:
            yield from read_parquet(opened.content, str(self.path))

    def _decoded(self, opened: Opened) -> io.TextIOWrapper:
        return io.TextIOWrapper(opened.content, self.codec, errors="surrogateescape", newline="")


def find_format(path: Path, encoding: str | None = None) -> TweetFile:
    """Return what a file is: CSV, TSV, JSON or Parquet, also packed.

    Args:
        path: the file. A name that ends in .csv, .tsv, .json or .jsonl decides, else the content does.
        encoding: of text; None detects it.

    Raises:
        DataError: it cannot be read or unpacked, or is of another format.
        SettingError: there is no such encoding.

    """
    with errors_reported(path), open_file(path) as opened:
        kind = _kind(opened)
        found = find_encoding(opened.content, encoding, guess=kind == "table")
    return TweetFile(path, kind, found.codec, found.remark and f"{path} is {found.remark}")


def _kind(opened: Opened) -> Kind:
    head = opened.content.read(1024)
    opened.content.seek(0)
    if head.startswith(MAGIC):
        return "parquet"
    if opened.suffix in _JSON | _TABLES:
        return "json" if opened.suffix in _JSON else "table"
    return "json" if head.lstrip(b"\xef\xbb\xbf\xff\xfe\0\r\n\t ")[:1] in {b"{", b"["} else "table"

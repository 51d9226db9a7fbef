"""Opening of files: plain, gzip, or a zip with one file in it."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from worker.errors import DataError

_GZIP, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SPREADSHEETS = {"xl/workbook.xml": "an Excel workbook", "content.xml": "an OpenDocument spreadsheet"}


class Opened(NamedTuple):
    """A file's content, unpacked."""

    content: IO[bytes]
    """Seekable."""
    suffix: str
    """Of the unpacked file, in lower case, such as `.csv`; may be empty."""


@contextmanager
def open_file(path: Path) -> Iterator[Opened]:
    """Open a file during a `with` block.

    Raises:
        DataError: it cannot be read or unpacked, it is a spreadsheet, or a zip with several files.

    """
    with errors_reported(path), path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic == _OLD_EXCEL:
            raise DataError(_export_it(path, "an Excel workbook"))
        if magic == _ZIP:
            with zipfile.ZipFile(file) as archive, archive.open(member := _only_member(path, archive)) as unpacked:
                yield Opened(unpacked, PurePosixPath(member).suffix.lower())
        elif magic[:2] == _GZIP:
            with gzip.open(file) as unpacked:
                yield Opened(BytesIO(unpacked.read()), Path(path.stem).suffix.lower())
        else:
            yield Opened(file, path.suffix.lower())


@contextmanager
def errors_reported(path: Path) -> Iterator[None]:
    """Turn what reading and unpacking raise into a DataError that names the file."""
    try:
        yield
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path} is damaged: {error}; get it again") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeError as error:
        raise DataError(f"{path}: {error}; --encoding names the file's encoding") from error


def _only_member(path: Path, archive: zipfile.ZipFile) -> str:
    """Return the name of the only file in a zip; raise a DataError if it has several, or none that can be read."""
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    for name, what in _SPREADSHEETS.items():
        if name in names:
            raise DataError(_export_it(path, what))
    files = [name for name in names if not name.startswith("__MACOSX/")]
    if len(files) != 1:
        listed = ", ".join(files[:10]) + (" and others" if len(files) > 10 else "")
        raise DataError(f"{path} has {len(files)} files ({listed}): unpack it, and name the one you mean")
    _check(path, archive, files[0])
    return files[0]


def _check(path: Path, archive: zipfile.ZipFile, member: str) -> None:
    try:
        archive.open(member).close()
    except (RuntimeError, NotImplementedError) as error:  # a password, a method of compression
        raise DataError(f"{path} cannot be unpacked: {error}; unpack it, and name the file in it") from error


def _export_it(path: Path, what: str) -> str:
    return f"{path} is {what}: save the sheet as CSV in UTF-8, the column of ids as text"

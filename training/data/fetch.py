"""Fetch Kaggle's tweets from the course's zip, another zip, or a folder.

The download resumes where an earlier one broke off, which pooch does not do: it starts over.
"""

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from training.data.dataset import Dataset, load_dataset
from worker.errors import DataError, SettingError

URL = "https://storage.googleapis.com/ztm_tf_course/nlp_getting_started.zip"
FILES = ("train.csv", "test.csv")
_ROWS = {"train.csv": 7613, "test.csv": 3263}
_DISASTERS = 3271
_READ_BYTES = 64 * 1024
_TIMEOUT_SECONDS = 30


class Report(Protocol):
    """A callback for the progress of a download."""

    def __call__(self, done: int, total: int | None, /) -> None:
        """Report the bytes done and the total; None if the server does not send the size."""


def fetch(source: str, folder: Path, report: Report = lambda _done, _total: None) -> Dataset:
    """Write train.csv and test.csv into the folder, complete and verified, or leave the folder as it is.

    Args:
        source: an http or https address of a zip, or the path of a zip or of a folder with the two files.
        folder: where to write; existing files of these names are replaced.
        report: called with the progress of the download.

    Raises:
        DataError: the download broke off (the next call resumes it), or the files are not Kaggle's data.
        SettingError: the source is neither an address nor a path, or the folder cannot be written.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".", suffix=".part") as staging:
            _copy_or_download(source, folder, Path(staging), report)
            verify(load_dataset(Path(staging)))
            for name in FILES:
                (Path(staging) / name).replace(folder / name)
    except OSError as error:
        raise SettingError(f"cannot write into {folder}: {error.strerror or error}") from error
    return load_dataset(folder)


def verify(data: Dataset) -> None:
    """Compare the counts with Kaggle's: 7,613 labelled tweets, 3,271 of them disasters, and 3,263 others.

    Raises:
        DataError: a count differs.

    """
    test_rows = 0 if data.unlabelled is None else len(data.unlabelled)
    found = (len(data.labelled), test_rows, int(data.labelled["target"].sum()))
    expected = (_ROWS["train.csv"], _ROWS["test.csv"], _DISASTERS)
    if found != expected:
        raise DataError(
            f"not Kaggle's data: {found[0]:,} labelled tweets ({found[2]:,} disasters) and {found[1]:,} others, "
            f"not {expected[0]:,} ({expected[2]:,}) and {expected[1]:,}; nothing was saved"
        )


def _copy_or_download(source: str, folder: Path, staging: Path, report: Report) -> None:
    local = Path(source)
    if local.is_dir():
        _copy(local, staging)
    elif local.is_file():
        extract(local, staging)
    elif urlsplit(source).scheme in {"http", "https"}:
        part = folder / "download.zip.part"
        download(source, part, report)
        try:
            extract(part, staging)
        finally:
            part.unlink()
    else:
        raise SettingError(f"{source} is neither an http address nor an existing zip or folder")


def _copy(source: Path, staging: Path) -> None:
    for name in FILES:
        if not (source / name).is_file():
            raise DataError(f"{source / name} does not exist")
        shutil.copyfile(source / name, staging / name)


def extract(archive: Path, staging: Path) -> None:
    """Extract only the two files from a zip, whatever folder of the zip they are in.

    Raises:
        DataError: the archive is damaged, not a zip, or lacks one of the files.

    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = {Path(name).name: name for name in zipped.namelist()}
            for name in FILES:
                if name not in members:
                    raise DataError(f"{archive} does not contain {name}")
                with zipped.open(members[name]) as packed, (staging / name).open("wb") as out:
                    shutil.copyfileobj(packed, out)
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise DataError(f"{archive} is not a zip or is damaged ({error}); fetch it again") from error
    except (RuntimeError, NotImplementedError) as error:  # a password, a method of compression
        raise DataError(f"{archive} cannot be unpacked: {error}; unpack it and give the folder") from error


def download(url: str, part: Path, report: Report) -> None:
    """Download to a file; resume an earlier download if the server supports ranges.

    Raises:
        DataError: the download broke off; the file keeps the bytes so far.

    """
    had = part.stat().st_size if part.exists() else 0
    try:
        request = Request(url, headers={"Range": f"bytes={had}-"} if had else {})  # noqa: S310 (http or https, see above)
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            resumed = answer.status == HTTPStatus.PARTIAL_CONTENT
            done = had if resumed else 0
            length = answer.headers.get("Content-Length")
            total = done + int(length) if length else None
            done = _save(answer.read, part, "ab" if resumed else "wb", lambda more: report(more, total), done)
    except HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # the file was complete already
            return
        raise DataError(f"cannot download {url}: {error.code} {error.reason}") from error
    except OSError as error:
        raise DataError(f"cannot download {url}: {error}; run the command again to resume") from error
    if total is not None and done < total:
        raise DataError(f"{url} broke off after {done:,} of {total:,} bytes; run the command again to resume")


def _save(read: Callable[[int], bytes], part: Path, mode: str, report: Callable[[int], None], done: int) -> int:
    """Write the answer's body to the file; return the file's size in bytes."""
    with part.open(mode) as out:
        while data := read(_READ_BYTES):
            out.write(data)
            done += len(data)
            report(done)
    return done

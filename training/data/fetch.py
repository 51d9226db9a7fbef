"""Kaggle's tweets, from the course's zip or from one that the user has."""

import shutil
import tempfile
import zipfile
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
    """Told how far a download is; the total is None where the server does not say it."""

    def __call__(self, done: int, total: int | None, /) -> None:
        """Take note of the bytes."""


def fetch(source: str, folder: Path, report: Report = lambda _done, _total: None) -> Dataset:
    """Put train.csv and test.csv into the folder, whole and verified, or leave it as it is.

    Args:
        source: an http or https address of a zip, or the path of a zip or of a folder that holds the two files.
        folder: where to; files of these names are replaced.
        report: told of the download's progress.

    Raises:
        DataError: the download broke off (it is resumed next time), or what came is not Kaggle's data.
        SettingError: the source is none of these, or the folder cannot be written.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".", suffix=".part") as staging:
            _obtain(source, folder, Path(staging), report)
            verify(load_dataset(Path(staging)))
            for name in FILES:
                (Path(staging) / name).replace(folder / name)
    except OSError as error:
        raise SettingError(f"cannot write into {folder}: {error.strerror or error}") from error
    return load_dataset(folder)


def verify(data: Dataset) -> None:
    """Compare the data with what is known of Kaggle's: 7,613 and 3,263 rows, 4,342 and 3,271 labels.

    Raises:
        DataError: it differs.

    """
    test_rows = 0 if data.unlabelled is None else len(data.unlabelled)
    found = (len(data.labelled), test_rows, int(data.labelled["target"].sum()))
    expected = (_ROWS["train.csv"], _ROWS["test.csv"], _DISASTERS)
    if found != expected:
        raise DataError(
            f"not Kaggle's data: {found[0]:,} labelled tweets ({found[2]:,} disasters) and {found[1]:,} others, "
            f"not {expected[0]:,} ({expected[2]:,}) and {expected[1]:,}; nothing was kept"
        )


def _obtain(source: str, folder: Path, staging: Path, report: Report) -> None:
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
        raise SettingError(f"{source} is neither an http address nor a zip or folder that is there")


def _copy(source: Path, staging: Path) -> None:
    for name in FILES:
        if not (source / name).is_file():
            raise DataError(f"{source / name} is not there")
        shutil.copyfile(source / name, staging / name)


def extract(archive: Path, staging: Path) -> None:
    """Take the two files out of a zip, whatever folder they are in there, and nothing else.

    Raises:
        DataError: it is damaged, no zip, or lacks one of the files.

    """
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = {Path(name).name: name for name in zipped.namelist()}
            for name in FILES:
                if name not in members:
                    raise DataError(f"{archive} holds no {name}")
                with zipped.open(members[name]) as packed, (staging / name).open("wb") as out:
                    shutil.copyfileobj(packed, out)
    except (zipfile.BadZipFile, EOFError) as error:
        raise DataError(f"{archive} is no zip or a damaged one ({error}); fetch it again") from error


def download(url: str, part: Path, report: Report) -> None:
    """Download to a file; go on where an earlier try broke off, if the server can.

    Raises:
        DataError: it broke off; the file holds what came.

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
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # all of it was there
            return
        raise DataError(f"cannot download {url}: {error.code} {error.reason}") from error
    except OSError as error:
        raise DataError(f"cannot download {url}: {error}; call again to go on where it broke off") from error
    if total is not None and done < total:
        raise DataError(f"{url} broke off after {done:,} of {total:,} bytes; call again to go on from there")


def _save(read: Callable[[int], bytes], part: Path, mode: str, report: Callable[[int], None], done: int) -> int:
    """Write what is read to the file; return how many bytes it holds then."""
    with part.open(mode) as out:
        while data := read(_READ_BYTES):
            out.write(data)
            done += len(data)
            report(done)
    return done

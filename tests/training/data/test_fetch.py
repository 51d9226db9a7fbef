"""Fetching the data: complete and verified, or not at all."""

import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.training.commands.running import run
from training.data import fetch as module
from training.data.fetch import download, fetch
from worker.errors import DataError, SettingError


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace Kaggle's counts: three labelled tweets and two others."""
    monkeypatch.setattr(module, "_ROWS", {"train.csv": 3, "test.csv": 2})
    monkeypatch.setattr(module, "_DISASTERS", 1)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a zip like Kaggle's: the two files in a folder, and a file with a malicious path."""
    path = tmp_path / "tweets.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("nlp/train.csv", "id,keyword,location,text,target\n1,,,flood,1\n2,,,banana,0\n3,,,tea,0\n")
        zipped.writestr("nlp/test.csv", "id,keyword,location,text\n4,,,fire\n5,,,cake\n")
        zipped.writestr("../../evil.csv", "x" * 5000)
    return path


@contextmanager
def serving(content: bytes, *, cut: int | None = None, ranges: bool = True) -> Iterator[tuple[str, list[str | None]]]:
    """Serve the content, the first time only `cut` bytes of it; yield the address and the requested ranges."""
    asked: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("Range"))
            start = int((asked[-1] or "bytes=0-")[6:-1]) if ranges else 0
            if start >= len(content):
                self.send_error(416)
                return
            body = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: cut if len(asked) == 1 else None])

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tweets.zip", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_is_resumed(ranges: bool, archive: Path, tmp_path: Path) -> None:
    """A broken download is resumed, or restarted if the server does not support ranges; the file is never wrong."""
    content, out = archive.read_bytes(), tmp_path / "data"
    with serving(content, cut=100, ranges=ranges) as (url, asked):
        with pytest.raises(DataError, match="run the command again"):
            fetch(url, out)
        assert sorted(path.name for path in out.iterdir()) == ["download.zip.part"]
        data = fetch(url, out)
    assert asked == [None, "bytes=100-"]
    assert len(data.labelled) == 3
    assert sorted(path.name for path in out.iterdir()) == ["test.csv", "train.csv"], "and nothing else"


def test_a_download_that_was_complete_is_not_repeated(tmp_path: Path) -> None:
    """A run that was stopped between download and check does not download again."""
    (tmp_path / "part").write_bytes(b"all")
    with serving(b"all") as (url, _):
        download(url, tmp_path / "part", lambda _done, _total: None)
    assert (tmp_path / "part").read_bytes() == b"all"


@pytest.mark.usefixtures("known")
def test_a_local_zip_or_folder_is_accepted(archive: Path, tmp_path: Path) -> None:
    """Files from Kaggle's own page need no second download; no file is written outside the folder."""
    fetch(str(archive), tmp_path / "a")
    fetch(str(tmp_path / "a"), tmp_path / "b")
    assert (tmp_path / "b" / "train.csv").read_text().startswith("id,keyword")
    assert not (tmp_path.parent / "evil.csv").exists()


def test_other_data_is_refused_and_the_old_is_kept(archive: Path, tmp_path: Path) -> None:
    """Counts are verified before any file is replaced."""
    out = tmp_path / "data"
    out.mkdir()
    (out / "train.csv").write_text("old")
    with pytest.raises(
        DataError, match=r"3 labelled tweets \(1 disasters\) and 2 others, not 7,613 \(3,271\) and 3,263"
    ):
        fetch(str(archive), out)
    assert [path.name for path in out.iterdir()] == ["train.csv"]
    assert (out / "train.csv").read_text() == "old"


def test_a_damaged_zip_is_reported_and_removed(tmp_path: Path) -> None:
    """A complete but invalid download is removed: the next run would resume it otherwise."""
    with serving(b"<html>not here</html>") as (url, _), pytest.raises(DataError, match="not a zip or is damaged"):
        fetch(url, tmp_path / "data")
    assert not list((tmp_path / "data").iterdir())


@pytest.mark.parametrize(("offset", "value"), [(6, b"\1"), (8, b"\x63")])
def test_a_zip_that_cannot_be_unpacked_is_reported(offset: int, value: bytes, archive: Path, tmp_path: Path) -> None:
    """An encrypted zip, and one of an unknown compression, end in one line, not in a library's traceback."""
    content = bytearray(archive.read_bytes())
    for signature, more in ((b"PK\3\4", 0), (b"PK\1\2", 2)):  # the entry before the data, and in the directory
        at = content.index(signature) + offset + more
        content[at : at + 1] = value
    archive.write_bytes(content)
    with pytest.raises(DataError, match="cannot be unpacked: .*; unpack it and give the folder"):
        fetch(str(archive), tmp_path / "data")


def test_kaggles_data_passes(kaggle: Path, tmp_path: Path) -> None:
    """The verified counts are those of the real data."""
    shutil.make_archive(str(tmp_path / "kaggle"), "zip", kaggle)
    assert fetch(str(tmp_path / "kaggle.zip"), tmp_path / "data").name == "kaggle"


def test_mistakes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong scheme, an unreachable address and a wrong path each end in a one-line error."""
    with pytest.raises(SettingError, match="neither an http address nor"):
        fetch("ftp://example.org/x.zip", tmp_path)
    code, _, err = run(capsys, "fetch", "--url", "http://127.0.0.1:1/x.zip", "--out", str(tmp_path / "data"))
    assert code == 2
    assert "cannot download http://127.0.0.1:1/x.zip" in err

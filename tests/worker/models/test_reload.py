"""Reload of the artifact: load, verify, swap, freeze."""

import ctypes
import gc
import shutil
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.artifacts import describe
from worker.models import reload as reload_module
from worker.models.artifact import Artifact, load_artifact, read_manifest
from worker.models.reload import ArtifactReloader, fingerprint, freeze_loaded_objects


@pytest.fixture
def folder(small_artifact: Path, tmp_path: Path) -> Path:
    """Return the folder of an artifact, for the test to change."""
    return Path(shutil.copytree(small_artifact, tmp_path / "artifact"))


def version_of(folder: Path) -> str:
    """Return the version in a manifest."""
    return read_manifest(folder).model_version


def test_a_new_version_is_returned_once(folder: Path) -> None:
    """A new version is loaded once and classifies; the version in use is not loaded again."""
    reloader, old = ArtifactReloader(folder, 0), version_of(folder)
    results: list[str] = []
    done = threading.Semaphore(0)

    def reloaded(result: str) -> None:
        results.append(result)
        done.release()

    with reloader.watching(old, reloaded):
        for high in (0.62, 0.9, 0.9):
            describe(folder, high)
            reloader.request()
            assert done.acquire(timeout=30)
        successor = reloader.successor()
    assert results == ["unchanged", "accepted", "unchanged"]
    assert successor is not None
    assert successor.version == version_of(folder) != old
    assert len(successor.predict(["Forest fire"]).predictions) == 1
    assert reloader.successor() is None


def test_requests_that_wait_are_taken_as_one(folder: Path) -> None:
    """500 SIGHUPs in a row verified the artifact 497 times, 43 s of CPU time taken from the labels."""
    reloader = ArtifactReloader(folder, 0)
    results: list[str] = []
    first, go_on, last = threading.Event(), threading.Event(), threading.Event()

    def reloaded(result: str) -> None:
        results.append(result)
        (last if first.is_set() else first).set()
        assert go_on.wait(30)

    with reloader.watching(version_of(folder), reloaded):
        reloader.request()
        assert first.wait(30)
        for _ in range(500):
            reloader.request()
        go_on.set()
        assert last.wait(30)
    assert results == ["unchanged", "unchanged"]


def test_the_end_does_not_wait_for_requests(folder: Path) -> None:
    """A worker that stops reads no artifact that it would not use."""
    reloader, results = ArtifactReloader(folder, 0), list[str]()
    for request in (True, True, False):
        reloader._requests.put(request)
    reloader._run(results.append)
    assert results == []


@pytest.mark.parametrize("harm", ["a changed byte", "no manifest", "a pickle"])
def test_a_bad_artifact_is_rejected(harm: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A bad artifact is rejected with a message in the log, and the old one stays in use."""
    reloader = ArtifactReloader(folder, 0)
    describe(folder, 0.9)
    if harm == "a changed byte":
        (folder / "use.skops").write_bytes((folder / "use.skops").read_bytes()[:-1] + b"x")
    elif harm == "no manifest":
        (folder / "manifest.json").unlink()
    else:
        (folder / "use.skops").write_bytes(b"\x80\x04N.")
        describe(folder, 0.9)
    assert reloader.reload() == "rejected"
    assert reloader.successor() is None
    assert "new artifact rejected" in caplog.text


def test_damage_to_the_artifact_in_use_is_reported(folder: Path) -> None:
    """A worker goes on, but reports the damage, because the next worker would not start."""
    reloader = ArtifactReloader(folder, 0)
    with reloader.watching(version_of(folder), lambda _result: None):
        (folder / "use.skops").write_bytes(b"")
        assert reloader.reload() == "rejected"


def test_an_artifact_that_changes_while_it_is_loaded_is_rejected(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mixture of two artifacts is never used, even if every file of it loads."""

    def load(path: Path, _engine: str, _device: str) -> Artifact:
        loaded = load_artifact(path)
        describe(path, 0.8)
        return loaded

    monkeypatch.setattr(reload_module, "load_artifact", load)
    reloader = ArtifactReloader(folder, 0)
    assert reloader.reload() == "rejected"
    assert "changed while they were loaded" in caplog.text
    assert reloader.successor() is None


def test_a_reloaded_artifact_is_computed_by_the_engine_of_the_settings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that was started with `--engine` and `--device` keeps them through every reload."""
    asked: list[tuple[str, str]] = []

    def load(path: Path, engine: str, device: str) -> Artifact:
        asked.append((engine, device))
        return load_artifact(path)

    monkeypatch.setattr(reload_module, "load_artifact", load)
    assert ArtifactReloader(folder, 0, "tensorflow", "cpu").reload() == "accepted"
    assert asked == [("tensorflow", "cpu")]


def test_files_that_still_change_are_not_loaded(folder: Path) -> None:
    """An artifact is checked once, when its files are the same at two looks: a copy in progress is not rejected."""
    reloader = ArtifactReloader(folder, 1)
    assert not reloader._files_are_new_and_stable(), "first look"
    (folder / "use.skops").write_bytes(b"half")
    assert not reloader._files_are_new_and_stable(), "changed since"
    assert reloader._files_are_new_and_stable()
    assert reloader.reload() == "rejected"
    assert not reloader._files_are_new_and_stable(), "already checked"


def test_watching_finds_a_new_artifact(folder: Path) -> None:
    """A new artifact is loaded without a signal."""
    reloader, old = ArtifactReloader(folder, 0.02), version_of(folder)
    describe(folder, 0.9)
    deadline = time.monotonic() + 30
    with reloader.watching(old, lambda _result: None):
        while not (successor := reloader.successor()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert successor.version == version_of(folder)


def test_a_missing_folder_has_no_fingerprint(tmp_path: Path) -> None:
    """A folder that is missing between two renames does not count as a change."""
    assert fingerprint(tmp_path / "nothing") == ()


class Cycle:
    """Refers to itself, so that only the garbage collector frees it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def unfrozen() -> Iterator[None]:
    """Leave the garbage collector as it was."""
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("unfrozen")
def test_loaded_objects_are_not_collected() -> None:
    """The collector does not traverse the objects of a loaded model every few batches."""
    kept = Cycle()
    freeze_loaded_objects()
    assert gc.get_freeze_count() > 0
    assert not any(thing is kept for thing in gc.get_objects())


@pytest.mark.usefixtures("unfrozen")
def test_a_replaced_artifact_is_freed() -> None:
    """A worker whose artifact is replaced every night does not grow."""
    old = Cycle()
    reference = weakref.ref(old)
    freeze_loaded_objects()
    del old
    freeze_loaded_objects()
    assert reference() is None


def resident() -> int:
    """Return the memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.usefixtures("unfrozen")
@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc returns memory on request")
def test_memory_that_loading_has_freed_is_returned() -> None:
    """A worker does not hold the memory that it needed to load: the blocks below lie under one that stays in use."""
    blocks = [bytes(1_000) for _ in range(100_000)]
    kept = bytes(1_000)
    before = resident()
    del blocks
    freeze_loaded_objects()
    assert before - resident() > 60e6
    assert kept

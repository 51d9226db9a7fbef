"""Taking over a new artefact, or not."""

import shutil
import threading
import time
from pathlib import Path

import pytest

from tests.artifacts import describe
from worker.models import reload as renewal
from worker.models.artifact import Artifact, load_artifact, read_manifest
from worker.models.reload import Renewal, fingerprint


@pytest.fixture
def folder(small_artifact: Path, tmp_path: Path) -> Path:
    """Return an artefact's folder to change."""
    return Path(shutil.copytree(small_artifact, tmp_path / "artifact"))


def version_of(folder: Path) -> str:
    """Return the version that a manifest tells."""
    return read_manifest(folder).model_version


def test_a_new_version_is_handed_over_once(folder: Path) -> None:
    """What is handed over is loaded and labels."""
    subject, old = Renewal(folder, 0), version_of(folder)
    results: list[str] = []
    done = threading.Semaphore(0)

    def reloaded(result: str) -> None:
        results.append(result)
        done.release()

    with subject.watching(old, reloaded):
        for high in (0.62, 0.9, 0.9):
            describe(folder, high)
            subject.request()
            assert done.acquire(timeout=30)
        successor = subject.successor()
    assert results == ["unchanged", "accepted", "unchanged"]
    assert successor is not None
    assert successor.version == version_of(folder) != old
    assert len(successor.predict(["Forest fire"]).predictions) == 1
    assert subject.successor() is None


@pytest.mark.parametrize("harm", ["a changed byte", "no manifest", "a pickle"])
def test_a_bad_artifact_is_rejected(harm: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The old one goes on, and the log says why."""
    subject = Renewal(folder, 0)
    describe(folder, 0.9)
    if harm == "a changed byte":
        (folder / "use.skops").write_bytes((folder / "use.skops").read_bytes()[:-1] + b"x")
    elif harm == "no manifest":
        (folder / "manifest.json").unlink()
    else:
        (folder / "use.skops").write_bytes(b"\x80\x04N.")
        describe(folder, 0.9)
    assert subject.renew() == "rejected"
    assert subject.successor() is None
    assert "the new artefact is not used" in caplog.text


def test_damage_to_the_one_in_use_is_told(folder: Path) -> None:
    """The worker goes on, but the next one would not start."""
    subject = Renewal(folder, 0)
    with subject.watching(version_of(folder), lambda _result: None):
        (folder / "use.skops").write_bytes(b"")
        assert subject.renew() == "rejected"


def test_an_artifact_that_changes_while_it_is_loaded_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the old one and half of the new would label with a model that nobody made."""

    def load(path: Path) -> Artifact:
        loaded = load_artifact(path)
        describe(path, 0.8)
        return loaded

    monkeypatch.setattr(renewal, "load_artifact", load)
    subject = Renewal(folder, 0)
    assert subject.renew() == "rejected"
    assert subject.successor() is None


def test_files_that_still_change_are_waited_for(folder: Path) -> None:
    """An artefact that is being copied is not taken for a damaged one, and a bad one is told once."""
    subject = Renewal(folder, 1)
    assert not subject._has_settled(), "seen for the first time"
    (folder / "use.skops").write_bytes(b"half")
    assert not subject._has_settled(), "changed since"
    assert subject._has_settled()
    assert subject.renew() == "rejected"
    assert not subject._has_settled(), "judged"


def test_watching_finds_a_new_artifact(folder: Path) -> None:
    """Nobody has to send a signal."""
    subject, old = Renewal(folder, 0.02), version_of(folder)
    describe(folder, 0.9)
    deadline = time.monotonic() + 30
    with subject.watching(old, lambda _result: None):
        while not (successor := subject.successor()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert successor.version == version_of(folder)


def test_a_folder_that_is_away_has_no_fingerprint(tmp_path: Path) -> None:
    """Between two renames there is none: that is not a change to load."""
    assert fingerprint(tmp_path / "nothing") == ()

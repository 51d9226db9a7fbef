"""An engine for machines without Docker; what it runs is tested by `make test-containers`."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from deploy.containers import __main__ as main
from deploy.containers import namespaces, requirements, standins
from tests.deploy.compose import DOCKERFILE, services
from worker.cli import app
from worker.errors import SettingError


def test_what_is_missing_is_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message has all reasons, so that nobody corrects one after the other."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(requirements, "GIGABYTES", 1e9)
    with pytest.raises(SettingError, match=r"needs root; apt-get, .* not installed; .* GB free"):
        requirements.check(tmp_path)


def test_too_little_memory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine does not start where training beside Kafka would be killed for memory."""
    assert requirements.free_memory() > 1e6
    monkeypatch.setattr(requirements, "MEMORY_GIGABYTES", 1e9)
    with pytest.raises(SettingError, match=r"GB of memory are free of"):
        requirements.check(tmp_path)


def test_check_says_what_there_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` runs nothing; the gate shows its reason and goes by its exit code."""
    monkeypatch.setattr(main, "answers", lambda: False)
    monkeypatch.setattr(requirements, "check", lambda _folder: None)
    assert app.main(main.build_parser(), ["--check"]) == 0
    assert "Debian" in capsys.readouterr().out
    monkeypatch.undo()
    monkeypatch.setattr(main, "answers", lambda: False)
    monkeypatch.setattr(requirements, "GIGABYTES", 1e9)
    assert app.main(main.build_parser(), ["--check"]) == 2
    assert "GB free" in capsys.readouterr().err


def test_docker_of_the_user_runs_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Docker answers, nothing is unpacked, and the command's exit code is kept."""
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nexit 0\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(requirements, "check", lambda _folder: pytest.fail("unpacks an engine"))
    assert app.main(main.build_parser(), ["sh", "-c", "exit 7"]) == 7


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root and unshare")
def test_a_signal_leaves_nothing_running(tmp_path: Path) -> None:
    """What ignores SIGTERM in the namespaces is killed, also grandchildren, before the folder is removed."""
    mark = tmp_path / "alive"
    stubborn = f"trap '' TERM; (trap '' TERM; while :; do date > {mark}; sleep 0.05; done) & wait"
    process = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child", "sh", "-c", stubborn])  # noqa: S607
    deadline = time.monotonic() + 60
    while not mark.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    namespaces.end(process)
    mark.unlink(missing_ok=True)
    time.sleep(0.5)
    assert not mark.exists()


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command nothing is unpacked; the message has an example."""
    assert app.main(main.build_parser(), []) == 2
    assert "python -m deploy.containers docker ps" in capsys.readouterr().err


def test_every_pulled_image_has_a_stand_in() -> None:
    """A service with a new image gets a stand-in, or it cannot start where no registry is reached."""
    pulled = {s["image"] for s in services().values() if not s["image"].startswith("tweet-cascade-")}
    folder = Path(standins.__file__).parent / "standins"
    assert {path.name for path in folder.iterdir()} == {image.split("/")[1].split(":")[0] for image in pulled}


def test_the_base_is_the_dockerfiles() -> None:
    """The stand-in has the name that the Dockerfile builds on."""
    assert f"ARG PYTHON={standins.base_name().removeprefix('python:')}\n" in DOCKERFILE.read_text()

"""An engine for machines without Docker; what it runs is tested by `make test-containers`."""

import os
import shutil
from pathlib import Path

import pytest

from deploy.containers import __main__ as main
from deploy.containers import requirements, standins
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

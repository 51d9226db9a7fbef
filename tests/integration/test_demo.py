"""The demo."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from schemas import MANIFEST_NAME
from tests.fingerprint import ROOT, is_newer_than_the_code
from training.data.dataset import load_dataset
from worker.models.artifact import read_manifest

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]


def marked(mark: str) -> list[Path]:
    """Return the processes that have the mark in their environment: the demo's and their children."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (process / "environ").read_bytes():
                found.append(process)
    return found


def demo(cwd: Path, artifact: Path | None, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start the demo in an empty folder."""
    flags = ["--artifact", str(artifact)] if artifact else []
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.demo", "--json", "summary.json", *flags],
        cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def summary(running: subprocess.Popen[str], cwd: Path) -> dict[str, object]:
    """Wait for the end; return the summary."""
    out, _ = running.communicate(timeout=500)
    assert running.returncode == 0, out
    assert "python -m worker run --bootstrap-servers" in out, "it names the next commands"
    found: dict[str, object] = json.loads((cwd / "summary.json").read_text())
    return found


def test_the_demo_labels_the_sample(sample_artifact: Path, tmp_path: Path) -> None:
    """Without any data but the project's sample, every published record is labelled or, if it is bad, dead-lettered."""
    running = demo(tmp_path, sample_artifact, {"DISASTER_TWEETS_DIR": "", "CASCADE_SECURITY_PROTOCOL": "SSL"})
    found = summary(running, tmp_path)
    assert found["data"] == "sample"
    assert isinstance(found["produced"], int)
    assert found["produced"] >= 2000
    assert found["dead_lettered"] == 5
    assert found["labelled"] == found["produced"] - 5
    assert isinstance(found["accuracy"], float)
    assert found["accuracy"] > 0.75
    assert {"deferred_share", "decided_by", "tweets_per_second", "f1"} <= found.keys()


def trained_by_make_demo(data: Path) -> Path | None:
    """Return the artifact of `make demo` if the present code trained it on this data."""
    manifest = ROOT / "models/demo" / MANIFEST_NAME
    if not is_newer_than_the_code(manifest):
        return None
    return manifest.parent if read_manifest(manifest.parent).data.sha256 == load_dataset(data).sha256 else None


def test_the_demo_on_kaggle_has_an_accuracy_of_80_percent(kaggle: Path, tmp_path: Path) -> None:
    """A cascade trained on the real data has an accuracy of at least 0.80 on tweets it was not trained on."""
    found = summary(demo(tmp_path, trained_by_make_demo(kaggle), {"DISASTER_TWEETS_DIR": str(kaggle)}), tmp_path)
    assert found["data"] == "kaggle"
    assert isinstance(found["accuracy"], float)
    assert found["accuracy"] >= 0.80
    assert isinstance(found["deferred_share"], float)
    assert 0.05 < found["deferred_share"] < 0.35


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["training on", "playing", "starting the worker", "worker is ready"])
def test_an_interrupted_demo_stops_every_process(
    moment: str, number: signal.Signals, small_artifact: Path, tmp_path: Path
) -> None:
    """Ctrl-C or SIGTERM stops every process that the demo started, at any moment, and leaves no partial artifact."""
    mark = f"mark-{uuid.uuid4()}"
    artifact = None if moment == "training on" else small_artifact
    running = demo(tmp_path, artifact, {"DISASTER_TWEETS_DIR": "", "MARK": mark, "PYTHONUNBUFFERED": "1"})
    assert running.stdout is not None
    seen = next(line for line in running.stdout if moment in line)
    assert len(marked(mark)) > 1, "the mark finds the demo's processes"
    os.killpg(running.pid, number) if number == signal.SIGINT else running.send_signal(number)
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 130, seen + out
    assert "Traceback" not in out
    assert not marked(mark)
    assert not list(tmp_path.glob("models/*")), "no partial artifact"

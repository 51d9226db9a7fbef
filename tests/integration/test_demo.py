"""The main job."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.broker


def children(of: int) -> list[int]:
    """Return the processes of the session that the process leads, and of those it started elsewhere."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True)  # noqa: S607
    pairs = [line.split() for line in listing.stdout.splitlines()[1:]]
    parents = {int(pid): int(parent) for pid, parent in pairs}
    found, queue = [], [of]
    while queue:
        new = [pid for pid, parent in parents.items() if parent == queue[0]]
        found += new
        queue = queue[1:] + new
    return found


def demo(cwd: Path, artifact: Path | None, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start the demo in a folder of its own."""
    flags = ["--artifact", str(artifact)] if artifact else []
    return subprocess.Popen(
        [sys.executable, "-m", "worker", "demo", "--json", "summary.json", *flags],
        cwd=cwd, env={**os.environ, **environment}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def summary(running: subprocess.Popen[str], cwd: Path) -> dict[str, object]:
    """Wait for the end and return the figures."""
    out, _ = running.communicate(timeout=240)
    assert running.returncode == 0, out
    assert "python -m worker run --bootstrap-servers" in out, "it says how to go on"
    found: dict[str, object] = json.loads((cwd / "summary.json").read_text())
    return found


def test_the_demo_labels_the_sample(sample_artifact: Path, tmp_path: Path) -> None:
    """With nothing but the project: all that was produced comes out, broken records as dead letters."""
    running = demo(tmp_path, sample_artifact, {"DISASTER_TWEETS_DIR": "", "CASCADE_SECURITY_PROTOCOL": "SSL"})
    found = summary(running, tmp_path)
    assert found["data"] == "sample"
    assert isinstance(found["produced"], int)
    assert found["produced"] >= 2000
    assert found["dead_lettered"] == 5
    assert found["labelled"] == found["produced"] - 5
    assert isinstance(found["accuracy"], float)
    assert found["accuracy"] > 0.75
    assert {"deferred_share", "tweets_per_second", "f1"} <= found.keys()


def test_the_demo_on_kaggle_is_right_four_times_in_five(kaggle: Path, tmp_path: Path) -> None:
    """Trained from nothing on the real data, the cascade's accuracy on tweets it has not seen is at least 0.80."""
    found = summary(demo(tmp_path, None, {"DISASTER_TWEETS_DIR": str(kaggle)}), tmp_path)
    assert found["data"] == "kaggle"
    assert isinstance(found["accuracy"], float)
    assert found["accuracy"] >= 0.80
    assert isinstance(found["deferred_share"], float)
    assert 0.05 < found["deferred_share"] < 0.35


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_behind(
    number: signal.Signals, sample_artifact: Path, tmp_path: Path
) -> None:
    """Ctrl-C ends broker and worker too."""
    running = demo(tmp_path, sample_artifact, {"DISASTER_TWEETS_DIR": ""})
    deadline = time.monotonic() + 60
    while len(started := children(running.pid)) < 2:  # the broker and the worker
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(number)
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 130, out
    assert "Traceback" not in out
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]

"""The commands from end to end, on the embedded broker with a small artefact: that they work, not how fast it is."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PEERS = ["confluent", "quixstreams", "faststream", "faststream_batch"]
pytestmark = [
    pytest.mark.broker,
    pytest.mark.skipif(
        not (find_spec("quixstreams") and find_spec("faststream") and find_spec("psutil")),
        reason="needs the peers: pip install -e '.[benchmarks]'",
    ),
]


@pytest.fixture
def tweets(tmp_path: Path) -> Path:
    """Write some tweets with their truth."""
    path = tmp_path / "tweets.csv"
    lines = [f"{n},forest fire near village {n},1\n{100 + n},tea with {n} friends,0" for n in range(30)]
    path.write_text("id,text,target\n" + "\n".join(lines) + "\n")
    return path


def run(command: str, artifact: Path, tweets: Path, *flags: str) -> tuple[list[dict[str, Any]], str]:
    """Run a command; return its rows and what it printed."""
    out = tweets.parent / "out.json"
    line = [sys.executable, "-m", f"benchmarks.{command}", "--broker", "embedded", "--artifact", str(artifact)]
    done = subprocess.run(
        [*line, "--tweets", str(tweets), "--json", str(out), *flags],
        capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "COLUMNS": "160"}, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(out.read_text()), done.stdout


@pytest.mark.parametrize("names", [["echo", "baseline", "cascade"], *([peer] for peer in PEERS)], ids=",".join)
def test_contenders_label_all_they_are_given(small_artifact: Path, tweets: Path, names: list[str]) -> None:
    """A contender that failed, or wrote no labels, would have a row all the same."""
    rows, printed = run(
        "throughput", small_artifact, tweets, "--rows", ",".join(names), "--repeats", "1", "--messages", "400"
    )  # fmt: skip
    assert [row["name"] for row in rows] == names
    for row in rows:
        assert row["messages"] == 400
        if row["name"] != "echo":
            assert row["scored"] == 60
            assert row["accuracy"] > 0.5
            assert row["deferred_share"] == 0 if row["name"] == "baseline" else row["deferred_share"] > 0
        assert row["name"] in printed


def test_latencies_are_measured_at_a_rate(small_artifact: Path, tweets: Path) -> None:
    """The tweets of an open loop all get a label, and each has a latency."""
    picture = tweets.parent / "latency.svg"
    [row], printed = run(
        "latency", small_artifact, tweets, "--sustain", "1", "--rate", "200", "--picture", str(picture)
    )  # fmt: skip
    assert 0 < row["p50_ms"] <= row["p99_ms"] <= row["p999_ms"] <= row["max_ms"]
    assert 0 < row["messages"] < 1200  # without the warm-up's
    assert "200/s for 1 s" in printed
    assert picture.read_text().startswith("<svg")


def test_scaling_fits_a_line_through_backlogs(small_artifact: Path, tweets: Path) -> None:
    """Two workers share a topic, and what ten million records take is told from what was measured."""
    rows, printed = run(
        "scaling", small_artifact, tweets, "--workers", "2", "--messages", "600", "--backlogs", "300,600"
    )  # fmt: skip
    assert [row["name"] for row in rows] == ["workers=2", "backlog=300", "backlog=600"]
    assert "On paper 10,000,000 records" in printed


def test_the_notebooks_way_labels_too(sample_artifact: Path, tweets: Path) -> None:
    """A Keras model of strings with the artefact's USE and head inside says what the stage does."""
    flags = ["--repeats", "1", "--messages", "60", "--rows"]
    [row], _ = run("throughput", sample_artifact, tweets, *flags, "notebook")
    [use], _ = run("throughput", sample_artifact, tweets, *flags, "use")
    assert (row["messages"], row["scored"], row["deferred_share"]) == (60, 60, 1)
    assert row["accuracy"] == pytest.approx(use["accuracy"], abs=0.02)

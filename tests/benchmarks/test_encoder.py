"""USE alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.encoder import build_parser, read_texts
from benchmarks.peak_flops import flop
from training.data.dataset import SAMPLE
from worker.cli import app

ROOT = Path(__file__).parents[2]


def test_the_three_ways_are_compared_on_the_same_texts(sample_artifact: Path, tmp_path: Path) -> None:
    """The rows are what the issue names; speed is for a quiet machine, but all vectors are the same."""
    written = tmp_path / "rows.json"
    flags = ["--artifact", str(sample_artifact), "--count", "24", "--rounds", "1", "--json", str(written)]
    command = [sys.executable, "-m", "benchmarks.encoder", *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(written.read_text())}
    assert [*rows][:3] == ["hub_naive", "ours", "packed"]
    assert all(row["tweets_per_second"] > 0 for row in rows.values())
    assert rows["ours"]["cosine_least"] > 0.999
    assert "MFLOP a text" in done.stdout


def test_an_artefact_without_an_encoder_is_told(small_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not every cascade ends in USE."""
    assert app.main(build_parser(), ["--artifact", str(small_artifact)]) == 2
    assert "--use-handle" in capsys.readouterr().err


def test_texts_are_clean_unless_they_are_to_be_raw() -> None:
    """All ways get what the last stage gets; a link alone is nine pieces."""
    raw, clean = (read_texts(SAMPLE / "train.csv", 2_000, raw=raw) for raw in (True, False))
    assert len(raw) == len(clean) == 2_000
    assert any("http://" in text for text in raw)
    assert not any("http://" in text for text in clean)


def test_the_work_of_a_tweet_is_counted() -> None:
    """Of 24 pieces: 24 x 3.41 MFLOP of projections and convolutions, and 3.3 for the text's own network."""
    assert flop(24) == pytest.approx(24 * 3.408e6 + 3.28e6, rel=0.01)

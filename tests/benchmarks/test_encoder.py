"""The encoder benchmark."""

import json
from pathlib import Path

import pytest

from benchmarks.encoder import build_parser, read_texts
from benchmarks.encoders import peak_flops, ways
from training.data.dataset import SAMPLE
from worker.cli import app


def test_three_encoders_are_compared_on_the_same_texts(
    sample_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows have the documented names, and all encoders give the same vectors; their speed is not checked."""
    monkeypatch.setattr(peak_flops, "_SIDE", 256)
    monkeypatch.setattr(ways, "_LENGTHS", (20, 140))
    written = tmp_path / "rows.json"
    flags = ["--artifact", str(sample_artifact), "--count", "24", "--rounds", "1", "--json", str(written)]
    assert app.main(build_parser(), flags) == 0
    printed = capsys.readouterr().out
    rows = {row["name"]: row for row in json.loads(written.read_text())}
    assert [*rows][:3] == ["hub_naive", "ours", "packed"]
    assert rows["ours"]["cosine_least"] > 0.99
    engines = [rows.pop(name) for name in ("onnx int8", "onnx float32", "tensorflow bfloat16", "tensorflow float32")]
    figures = ("cpu_us_in_batches", "wall_us_single", "resident_mb", "load_seconds")
    assert all(row[figure] > 0 for row in engines for figure in figures)
    assert all(row["tweets_per_second"] > 0 for row in rows.values())
    assert engines[1]["cosine_least"] > 0.999
    assert engines[1]["resident_mb"] < engines[3]["resident_mb"]
    assert "MFLOP a text" in printed
    assert "cpu flags" in printed


def test_an_artifact_without_an_encoder_is_reported(small_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names the flag for another encoder: not every cascade ends in USE."""
    assert app.main(build_parser(), ["--artifact", str(small_artifact)]) == 2
    assert "--use-handle" in capsys.readouterr().err


def test_texts_are_clean_unless_raw() -> None:
    """All encoders get the texts that the last stage gets, without links, which are nine pieces each."""
    raw, clean = (read_texts(SAMPLE / "train.csv", 2_000, raw=raw) for raw in (True, False))
    assert len(raw) == len(clean) == 2_000
    assert any("http://" in text for text in raw)
    assert not any("http://" in text for text in clean)

"""The benchmark of GPUs, on the CPU's provider."""

import json
from pathlib import Path

import pytest

from benchmarks import gpu
from benchmarks.encoders import peak_onnx
from worker.cli import app


def test_the_same_code_runs_without_a_card(
    sample_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has a card runs what was run before: graph, vectors, labels, table; no speed is checked."""
    monkeypatch.setattr(peak_onnx, "_SIDE", 64)
    monkeypatch.setattr(gpu, "_BATCHES", (1, 16))
    written = tmp_path / "rows.json"
    flags = ["--device", "cpu", "--count", "32", "--rounds", "1", "--json", str(written)]
    assert app.main(gpu.build_parser(), ["--artifact", str(sample_artifact), *flags]) == 0
    rows = json.loads(written.read_text())
    assert [row["name"] for row in rows][:2] == ["onnx float16, batches of 1", "onnx float16, batches of 16"]
    assert all(row["cosine_least"] > 0.9999 for row in rows[:2])
    assert all(row["labels_changed"] == 0 for row in rows[2:])
    assert "vectors and labels agree" in capsys.readouterr().out


def test_a_machine_without_a_gpu_is_said_so(sample_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names what is missing, before anything is measured."""
    assert app.main(gpu.build_parser(), ["--artifact", str(sample_artifact)]) == 2
    assert "--device gpu: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cosine", "changed", "agrees"), [(0.999, 0.003, True), (0.98, 0.0, False), (1.0, 0.004, False)]
)
def test_a_gpu_that_labels_otherwise_fails(*, cosine: float, changed: float, agrees: bool) -> None:
    """Rounding explains ten labels of Kaggle's test tweets, no more; the exit code says so."""
    assert gpu._agrees([{"cosine_least": cosine}], [{"labels_changed": changed}]) is agrees

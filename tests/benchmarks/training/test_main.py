"""The measurement of training by rows: it trains for each number and writes what that took."""

import json
from pathlib import Path

import pytest

from benchmarks.training.__main__ import build_parser
from training.data.dataset import SAMPLE
from worker.cli import app


def test_each_number_of_rows_is_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table and the JSON file say how long a real training took, with which memory, and how accurate it is."""
    out = tmp_path / "out.json"
    line = [str(SAMPLE), "--rows", "900", "--stages", "baseline,linear", "--json", str(out)]
    assert app.main(build_parser(), line) == 0
    [row] = json.loads(out.read_text())
    assert row["rows"] == 900
    assert row["made"] > 0
    assert min(row["s"], row["CPU s"], row["MB"], row["last stage, us"]) > 0
    assert row["beside the first"] == 1
    assert 0.5 < row["accuracy"] < 1
    assert "CPU ms a row" in capsys.readouterr().out


def test_a_training_that_fails_ends_the_measurement(capsys: pytest.CaptureFixture[str]) -> None:
    """Too few rows to train on: `fit` says so, then the measurement, without a traceback."""
    assert app.main(build_parser(), [str(SAMPLE), "--rows", "5"]) == 1
    assert "training ended with exit code 2" in capsys.readouterr().err

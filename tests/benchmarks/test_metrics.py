"""The benchmark of the metrics' cost."""

import re
from pathlib import Path

import pytest

from benchmarks import metrics
from worker.cli import app


def test_loops_with_and_without_metrics_are_compared(small_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both loops run the same batches, and the report has the metrics' share; its value depends on the machine."""
    flags = ["--artifact", str(small_artifact), "--batch-size", "16", "--rounds", "3"]
    assert app.main(metrics.build_parser(), flags) == 0
    printed = capsys.readouterr().out
    assert re.search(r"share of the throughput: -?\d+\.\d\d% \(median of 3 pairs of 16 records\)", printed)
    assert "cpu flags" in printed

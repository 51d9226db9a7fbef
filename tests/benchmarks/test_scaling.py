"""The scaling benchmark."""

from functools import partial
from pathlib import Path

import pytest

from benchmarks import scaling
from benchmarks.harness.commands import peer_command
from benchmarks.scaling import parse_numbers
from tests.benchmarks.conftest import Run
from worker.errors import SettingError


@pytest.mark.broker
def test_scaling_fits_a_line_through_backlogs(run: Run, small_artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers share a topic, and the time for ten million records is extrapolated from the measured backlogs."""
    monkeypatch.setattr(scaling, "worker_command", partial(peer_command, "echo"))  # starts five times as fast
    rows, printed = run(scaling, small_artifact, "--workers", "2", "--messages", "600", "--backlogs", "300,600")
    assert [row["name"] for row in rows] == ["workers=2", "backlog=300", "backlog=600"]
    assert "Extrapolated to 10,000,000 records" in printed


def test_numbers_are_checked() -> None:
    """An invalid number is reported before the measurement; an empty list is allowed."""
    with pytest.raises(SettingError, match="--workers: invalid literal"):
        parse_numbers("workers", "1,two")
    assert parse_numbers("backlogs", "") == []

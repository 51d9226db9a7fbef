"""How many CPUs the models use."""

import os
from pathlib import Path

import pytest

from worker.models.cpus import cpus


def test_the_number_is_that_of_the_process(tmp_path: Path) -> None:
    """A container that is pinned to some CPUs does not start threads for all of the machine's."""
    assert cpus(tmp_path) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("limit", "expected"), [("max 100000", 8), ("50000 100000", 1), ("150000 100000", 2), ("200000 100000", 2)]
)
def test_a_limit_of_version_2_counts(
    limit: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads beyond the limit would only be throttled."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)))
    (tmp_path / "cpu.max").write_text(limit + "\n")
    assert cpus(tmp_path) == expected


@pytest.mark.parametrize(("quota", "expected"), [("-1", 8), ("100000", 1), ("250000", 3)])
def test_a_limit_of_version_1_counts(
    quota: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older systems have the limit in two files."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)))
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu/cpu.cfs_quota_us").write_text(quota)
    (tmp_path / "cpu/cpu.cfs_period_us").write_text("100000")
    assert cpus(tmp_path) == expected

"""The order of the tests, and tests that crash."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONFTEST = """
from tests.scheduling import GROUPS, GroupScheduling

GROUPS["together"] = ("test_group.py",)


def pytest_xdist_make_scheduler(config, log):
    return GroupScheduling(config, log)
"""
SINGLE = """
import os, pytest


@pytest.mark.parametrize("n", range(12))
def test_alone(n):
    if n in {crashing}:
        os._exit(1)
"""
GROUP = """
import os, pytest


@pytest.mark.parametrize("n", range(6))
def test_together(n):
    if n == 2:
        os._exit(1)
"""


@pytest.mark.parametrize(("processes", "crashing"), [(1, [0, 11]), (2, [0, 1, 7]), (3, [])])
def test_a_crashed_process_is_a_failed_test(tmp_path: Path, processes: int, crashing: list[int]) -> None:
    """Tests that crash their process fail; all others run once, those of the same group too, and the run ends."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_group.py").write_text(GROUP)
    (tmp_path / "test_single.py").write_text(SINGLE.format(crashing=crashing))
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-n", str(processes), str(tmp_path)]
    alone = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False, timeout=200)
    failed = 1 + len(crashing)
    assert f"{failed} failed, {18 - failed} passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1

"""The order of the tests, and tests that crash."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.scheduling import GroupScheduling

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


class Process:
    """A process of pytest-xdist as the scheduler sees it; one that has crashed refuses what is sent to it."""

    shutting_down = False
    gateway = SimpleNamespace(id="gw")

    def __init__(self, crashed: bool = False) -> None:
        self.crashed = crashed
        self.tests: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        """Take tests, or refuse them after a crash."""
        if self.crashed:
            raise OSError("cannot send (already closed?)")
        self.tests.extend(indices)

    def shutdown(self) -> None:
        """Take no more tests."""
        self.shutting_down = True


def test_work_for_a_process_that_has_crashed_unnoticed_goes_to_others() -> None:
    """A crash is noticed after its process' connection is closed: work given out in between is not an error."""
    option = SimpleNamespace(loadscopereorder=False)
    scheduling = GroupScheduling(SimpleNamespace(getvalue=lambda _: ["2*popen"], option=option))
    tests, crashing, healthy = [f"test_x.py::test_{n}" for n in range(8)], Process(), Process()
    for process in (crashing, healthy):
        scheduling.add_node(process)
        scheduling.add_node_collection(process, tests)
    scheduling.schedule()
    crashing.crashed = True
    scheduling.mark_test_complete(crashing, crashing.tests[0])
    assert scheduling.remove_node(crashing) == tests[crashing.tests[1]]
    while left := [n for n in healthy.tests if not scheduling.assigned_work[healthy][tests[n]][tests[n]]]:
        scheduling.mark_test_complete(healthy, left[0])
    assert sorted([*healthy.tests, *crashing.tests[:2]]) == list(range(8))

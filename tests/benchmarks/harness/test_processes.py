"""Processes and the wait for them."""

import sys
from pathlib import Path

import pytest

from benchmarks.harness.processes import running_process, wait_until
from worker.cli.interruption import Interruption
from worker.errors import CascadeError


def test_a_process_that_ends_is_reported_with_its_log(tmp_path: Path) -> None:
    """A system that fails at its start ends the benchmark with its last lines, not after a timeout."""
    command = [sys.executable, "-c", "print('out of memory'); raise SystemExit(3)"]
    with (
        running_process("a system", command, tmp_path, Interruption()) as process,
        pytest.raises(CascadeError, match="a system ended with exit code 3:\nout of memory"),
    ):
        wait_until(lambda: False, [process], 60, "get ready")


def test_a_wait_ends_with_its_timeout_and_needs_a_stable_condition(tmp_path: Path) -> None:
    """A system that hangs is reported; one that is ready for a moment only is not taken for ready."""
    states = iter([True, False, True, True, True, True, True, True, True, True])
    with running_process("a system", ["sleep", "60"], tmp_path, Interruption()) as process:
        with pytest.raises(CascadeError, match="a system did not get ready in 0.1 s"):
            wait_until(lambda: False, [process], 0.1, "get ready")
        wait_until(lambda: next(states), [process], 60, "get ready", stable_s=0.15)
    assert len(list(states)) < 7

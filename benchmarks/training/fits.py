"""`python -m training fit` as a process, with its time and memory."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from schemas import Manifest
from worker.errors import CascadeError

_MB = 1000  # ru_maxrss is in KB on Linux


class Fit(NamedTuple):
    """What one training took and gave."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    """The largest resident memory of the process."""
    manifest: Manifest


def measure_fit(data: Path, out: Path, flags: Sequence[str]) -> Fit:
    """Train on a file; the progress bar goes to the terminal.

    Raises:
        CascadeError: the training failed.

    """
    command = [sys.executable, "-m", "training", "fit", "--data", str(data), "--out", str(out), *flags]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CascadeError(f"training ended with exit code {process.returncode}: {' '.join(command)}")
    manifest = Manifest.model_validate_json((out / "manifest.json").read_bytes())
    return Fit(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _MB, manifest)

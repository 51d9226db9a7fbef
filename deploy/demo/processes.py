"""Processes of the demo: training and the worker."""

import contextlib
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from worker.cli.app import INTERRUPTED
from worker.cli.interruption import Interruption
from worker.errors import CascadeError, SettingError

_READY_TIMEOUT_S = 120
_STOP_TIMEOUT_S = 30
_PERIOD_S = 0.1


def prepare(artifact: Path, stream: Path, interruption: Interruption, *, refresh: bool) -> None:
    """Train the artifact if it does not exist, and write the stream, in a process of its own.

    Args:
        artifact: folder of the cascade.
        stream: file to write the stream to.
        interruption: set by a signal.
        refresh: retrain if the cascade was trained on other data than is present.

    Raises:
        SettingError: training reported an error that the user can fix.
        CascadeError: training failed.
        KeyboardInterrupt: a signal came; training is stopped.

    """
    command = [
        *(sys.executable, "-m", "training", "prepare"),
        *("--artifact", str(artifact), "--stream", str(stream)),
        *(["--refresh"] if refresh else []),
    ]
    # A session of its own: Ctrl-C must reach only the demo, which stops training cleanly.
    process = subprocess.Popen(command, start_new_session=True)
    try:
        while process.poll() is None:
            interruption.sleep(_PERIOD_S)
    finally:
        _stop(process)
    code = process.returncode
    interruption.check()
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code:
        kind = SettingError if code == 2 else CascadeError
        raise kind("the demo's cascade could not be trained; see the error above")


@dataclass(frozen=True)
class WorkerProcess:
    """A running `python -m worker run`, as in production."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    interruption: Interruption

    @property
    def metrics_url(self) -> str:
        """URL of the worker's metrics."""
        return f"{self.url}/metrics"

    def wait_ready(self) -> None:
        """Return once the worker is ready: it has partitions assigned.

        Raises:
            CascadeError: the worker ended, or is not ready in time.
            KeyboardInterrupt: a signal came.

        """
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while not self._is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise CascadeError(f"the worker is not ready after {_READY_TIMEOUT_S} s; its log:\n{self.last_lines()}")
            self.interruption.sleep(_PERIOD_S)

    def check(self) -> None:
        """Check that the worker runs and no signal came.

        Raises:
            CascadeError: the worker has ended.
            KeyboardInterrupt: a signal came.

        """
        self.interruption.check()
        code = self.process.poll()
        if code is not None:
            raise CascadeError(f"the worker ended with exit code {code}; its log:\n{self.last_lines()}")

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/readyz", timeout=5):  # noqa: S310
            return True
        return False

    def last_lines(self) -> str:
        """Return the end of the worker's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])


@contextlib.contextmanager
def worker_process(
    bootstrap_servers: str, artifact: Path, port: int, log: Path, interruption: Interruption
) -> Iterator[WorkerProcess]:
    """Run a worker during a `with` block; at its end the worker commits its batches and leaves the group."""
    command = [
        *(sys.executable, "-m", "worker", "run"),
        *("--bootstrap-servers", bootstrap_servers, "--artifact", str(artifact)),
        *("--metrics-host", "127.0.0.1", "--metrics-port", str(port)),
        # The embedded broker delays a group's first rebalance by half of this.
        *("--session-timeout", "6s"),
    ]
    with log.open("wb") as output:
        # A session of its own: Ctrl-C must reach only the demo, which stops the worker before the broker.
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        yield WorkerProcess(process, f"http://127.0.0.1:{port}", log, interruption)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

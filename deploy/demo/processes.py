"""The demo's other processes: the training that precedes it, and the worker."""

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

_READY_SECONDS = 120
_STOP_SECONDS = 30
_GLANCE_SECONDS = 0.1


def prepare(artifact: Path, stream: Path, interruption: Interruption, *, refresh: bool) -> None:
    """Have training make sure of an artefact of the data that is there, and write the stream.

    Training runs as a process of its own: the worker does not import it.

    Raises:
        SettingError: training said what the user can mend.
        CascadeError: training failed.
        KeyboardInterrupt: a signal came meanwhile; training is ended.

    """
    command = [
        *(sys.executable, "-m", "training", "prepare"),
        *("--artifact", str(artifact), "--stream", str(stream)),
        *(["--refresh"] if refresh else []),
    ]
    # A session of its own: Ctrl-C is the demo's, which ends training politely.
    process = subprocess.Popen(command, start_new_session=True)
    try:
        while process.poll() is None:
            interruption.sleep(_GLANCE_SECONDS)
    finally:
        _end(process)
    code = process.returncode
    interruption.check()
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code:
        kind = SettingError if code == 2 else CascadeError
        raise kind("the demo's cascade could not be trained, see above")


@dataclass(frozen=True)
class WorkerProcess:
    """`python -m worker run`, as it would run in production."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    interruption: Interruption

    @property
    def metrics_url(self) -> str:
        """Address of its metrics."""
        return f"{self.url}/metrics"

    def wait_ready(self) -> None:
        """Return when it has partitions assigned.

        Raises:
            CascadeError: it ended, or took too long.
            KeyboardInterrupt: a signal came meanwhile.

        """
        deadline = time.monotonic() + _READY_SECONDS
        while not self._is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise CascadeError(f"the worker is not ready after {_READY_SECONDS} s:\n{self.last_lines()}")
            self.interruption.sleep(_GLANCE_SECONDS)

    def check(self) -> None:
        """Look whether all is well.

        Raises:
            CascadeError: the worker has ended.
            KeyboardInterrupt: a signal came.

        """
        self.interruption.check()
        code = self.process.poll()
        if code is not None:
            raise CascadeError(f"the worker ended with exit code {code}:\n{self.last_lines()}")

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
    """Run a worker for the length of a `with`; at its end the worker finishes its batch and leaves the group."""
    command = [
        *(sys.executable, "-m", "worker", "run"),
        *("--bootstrap-servers", bootstrap_servers, "--artifact", str(artifact)),
        *("--metrics-host", "127.0.0.1", "--metrics-port", str(port)),
        # The embedded broker has a group wait half of this before it begins.
        *("--session-timeout", "6s"),
    ]
    with log.open("wb") as output:
        # A session of its own: Ctrl-C is the demo's, which ends the worker before the broker.
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        yield WorkerProcess(process, f"http://127.0.0.1:{port}", log, interruption)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

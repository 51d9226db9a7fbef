"""The measured processes: start them, wait until they are ready, watch and end them."""

import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.harness.commands import worker_command
from benchmarks.harness.context import BenchmarkContext
from benchmarks.harness.topics import Topics
from deploy.demo.broker import free_port
from worker.cli.interruption import Interruption
from worker.errors import CascadeError

_ROOT = Path(__file__).resolve().parents[2]
_STOP_S = 20
_READY_S = 180.0
_STABLE_S = 3.0  # a group of several members rebalances once more after the last one joined


@dataclass(frozen=True)
class Process:
    """A running process, with its log, CPU time and memory."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    interruption: Interruption
    started: float
    """Seconds since 1970."""

    def check(self) -> None:
        """Return if the process is running.

        Raises:
            CascadeError: it ended.
            KeyboardInterrupt: a signal came.

        """
        self.interruption.check()
        if (code := self.process.poll()) is not None:
            raise CascadeError(f"{self.name} ended with exit code {code}:\n{self.last_lines()}")

    def last_lines(self) -> str:
        """Return the last twelve lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its threads so far."""
        with suppress(psutil.NoSuchProcess):
            times = psutil.Process(self.process.pid).cpu_times()
            return float(times.user + times.system)
        return 0.0

    def rss_mb(self) -> float:
        """Return its resident memory now, in MB (10^6 bytes)."""
        with suppress(psutil.NoSuchProcess):
            return float(psutil.Process(self.process.pid).memory_info().rss / 1e6)
        return 0.0


@contextmanager
def running_process(name: str, command: Sequence[str], folder: Path, interruption: Interruption) -> Iterator[Process]:
    """Run a command for the duration of a `with`; its output goes to a log file in the folder.

    The process does not see the caller's settings (CASCADE_*). NumPy computes in one thread, as in the worker. It has
    a session of its own: Ctrl-C reaches the benchmark alone, which ends it.
    """
    log = folder / f"{name}-{time.monotonic_ns()}.log"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CASCADE_")}
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=_ROOT, stdout=output, stderr=output, env=environment, start_new_session=True
        )  # fmt: skip
    try:
        yield Process(name, process, log, interruption, time.time())
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Send SIGTERM, and SIGKILL if the process is still running after 20 s."""
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running_workers(
    context: BenchmarkContext, topics: Topics, count: int = 1, flags: Sequence[str] = ()
) -> Iterator[list[Process]]:
    """Run workers of one group for the duration of a `with`; enter it once all of them are ready.

    Raises:
        CascadeError: one ended, or is not ready in three minutes.
        KeyboardInterrupt: a signal came.

    """
    with ExitStack() as stack:
        ports = [free_port() for _ in range(count)]
        started = [
            stack.enter_context(running_process(
                f"worker-{n}", worker_command(topics, context.artifact, port, flags), context.folder,
                context.interruption,
            ))
            for n, port in enumerate(ports, 1)
        ]  # fmt: skip
        wait_until(lambda: all(map(_is_ready, ports)), started, _READY_S, "get ready", _STABLE_S if count > 1 else 0)
        yield started


def wait_until(
    condition: Callable[[], bool], processes: Sequence[Process], timeout_s: float, what: str, stable_s: float = 0
) -> None:
    """Wait until a condition of running processes holds, and has held for `stable_s` seconds.

    Raises:
        CascadeError: a process ended, or the timeout passed; the message says that it did not `what`.
        KeyboardInterrupt: a signal came.

    """
    start = since = time.monotonic()
    while not (holds := condition()) or time.monotonic() - since < stable_s:
        now = time.monotonic()
        since = since if holds else now
        for process in processes:
            process.check()
        if now - start > timeout_s:
            raise CascadeError(f"{processes[0].name} did not {what} in {timeout_s:g} s:\n{processes[0].last_lines()}")
        processes[0].interruption.sleep(0.1)


def _is_ready(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
        return True
    return False

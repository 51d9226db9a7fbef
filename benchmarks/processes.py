"""What is measured: a process of its own, started, watched and ended."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.topics import Topics
from worker.cli.interruption import Interruption
from worker.errors import CascadeError

ROOT = Path(__file__).resolve().parents[1]
_STOP_SECONDS = 20
SESSION = "6s"  # the embedded broker has a group wait half of this before it begins


def worker_command(topics: Topics, artifact: Path, port: int = 0, flags: Sequence[str] = ()) -> list[str]:
    """Return how to start the worker on these topics, as its users do."""
    return [
        *(sys.executable, "-m", "worker", "run", "--bootstrap-servers", topics.servers),
        *("--input-topic", topics.input, "--output-topic", topics.output, "--dead-letter-topic", topics.dead_letter),
        *("--group-id", topics.group, "--artifact", str(artifact), "--metrics-port", str(port)),
        *("--session-timeout", SESSION, *flags),
    ]


def peer_command(name: str, topics: Topics, artifact: Path) -> list[str]:
    """Return how to start one of `benchmarks.peers` on these topics."""
    return [
        *(sys.executable, "-m", f"benchmarks.peers.{name}", "--bootstrap-servers", topics.servers),
        *("--input-topic", topics.input, "--output-topic", topics.output, "--group-id", topics.group),
        *("--artifact", str(artifact), "--session-timeout", SESSION),
    ]


@dataclass(frozen=True)
class Process:
    """A process, what it logs, and what it takes of the machine."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    interruption: Interruption
    started: float
    """As time.time() counts."""

    def check(self) -> None:
        """Look whether to go on.

        Raises:
            CascadeError: the process has ended.
            KeyboardInterrupt: a signal came.

        """
        self.interruption.check()
        if (code := self.process.poll()) is not None:
            raise CascadeError(f"{self.name} ended with exit code {code}:\n{self.last_lines()}")

    def last_lines(self) -> str:
        """Return the end of what it logged."""
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
def running(
    name: str, command: Sequence[str], folder: Path, interruption: Interruption, extra: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run a command for the length of a `with`; its log goes to a file of the folder, settings from outside do not in.

    The process has a session of its own: Ctrl-C is the benchmark's, which ends it.
    """
    log = folder / f"{name}-{time.monotonic_ns()}.log"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CASCADE_")} | dict(
        extra or {}
    )
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, env=environment, start_new_session=True
        )  # fmt: skip
    try:
        yield Process(name, process, log, interruption, time.time())
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process in order, by force if it takes too long."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

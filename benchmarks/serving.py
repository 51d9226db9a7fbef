"""Workers that are ready before their tweets come."""

import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from benchmarks.options import Bench
from benchmarks.processes import Process, running, worker_command
from benchmarks.topics import Topics
from deploy.demo.broker import free_port
from worker.errors import CascadeError

_READY_SECONDS = 180
_CALM_SECONDS = 3  # a group is rebalanced once more after its last member came


@contextmanager
def workers(bench: Bench, topics: Topics, count: int) -> Iterator[list[Process]]:
    """Run as many workers of one group, all of them ready, for the length of a `with`.

    Raises:
        CascadeError: one ended, or is not ready in time.
        KeyboardInterrupt: a signal came.

    """
    with ExitStack() as stack:
        ports = [free_port() for _ in range(count)]
        commands = [worker_command(topics, bench.artifact, port) for port in ports]
        started = [
            stack.enter_context(running(f"worker-{n}", command, bench.folder, bench.interruption))
            for n, command in enumerate(commands, 1)
        ]
        _wait_ready(started, ports)
        yield started


def _wait_ready(started: list[Process], ports: list[int]) -> None:
    deadline, calm_since = time.monotonic() + _READY_SECONDS, time.monotonic()
    while time.monotonic() - calm_since < _CALM_SECONDS:
        for process in started:
            process.check()
        if not all(_is_ready(port) for port in ports):
            calm_since = time.monotonic()
        if time.monotonic() > deadline:
            raise CascadeError(f"not all workers are ready:\n{started[0].last_lines()}")
        started[0].interruption.sleep(0.2)


def _is_ready(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
        return True
    return False

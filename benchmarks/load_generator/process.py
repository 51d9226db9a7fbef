"""The load generator as a process, seen by the benchmark that starts it."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import TimeoutExpired

from benchmarks.harness.context import BenchmarkContext
from benchmarks.harness.processes import Process, running_process, wait_until
from benchmarks.harness.tweets import Pool
from benchmarks.load_generator.phases import LoadPhase, arrival_times, format_phases
from worker.errors import CascadeError
from worker.types import Floats

_SEED = 1
_START_TIMEOUT_S = _END_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class GeneratedLoad:
    """A running load generator.

    Attributes:
        process: the generator.
        start: of the first phase, seconds since 1970.
        times: arrival times in seconds from the start, sorted, shape (n,).

    """

    process: Process
    start: float
    times: Floats

    def check(self) -> None:
        """Return unless the generator failed.

        Raises:
            CascadeError: it did; not all tweets were acknowledged, for instance.

        """
        if code := self.process.process.poll():
            raise CascadeError(f"the load generator ended with exit code {code}:\n{self.process.last_lines()}")

    def lateness_s(self) -> float:
        """Wait for the generator's end; return the largest delay of a tweet, in seconds.

        Raises:
            CascadeError: it failed, or did not end within a minute.

        """
        try:
            self.process.process.wait(_END_TIMEOUT_S)
        except TimeoutExpired:
            raise CascadeError(f"the load generator did not end within {_END_TIMEOUT_S:g} s") from None
        self.check()
        return _printed(self.process, "lateness") or 0.0


@contextmanager
def generated_load(
    context: BenchmarkContext, topic: str, phases: Sequence[LoadPhase], pool: Pool
) -> Iterator[GeneratedLoad]:
    """Send the pool's tweets to a topic during a `with`; enter it once the start time is known.

    Raises:
        CascadeError: it failed or did not start within a minute.
        KeyboardInterrupt: a signal came.

    """
    path = context.folder / f"{topic}-pool.json"
    pool.save(path)
    command = [
        *(sys.executable, "-m", "benchmarks.load_generator", "--bootstrap-servers", context.servers, "--topic", topic),
        *("--phases", format_phases(phases), "--seed", str(_SEED)),
        *("--pool", str(path)),
    ]
    with running_process("load-generator", command, context.folder, context.interruption) as process:
        wait_until(lambda: _printed(process, "start") is not None, [process], _START_TIMEOUT_S, "send tweets")
        yield GeneratedLoad(process, _printed(process, "start") or 0.0, arrival_times(phases, _SEED))


def _printed(process: Process, name: str) -> float | None:
    """Return the number that the generator printed under this name, if it did so already."""
    found = re.search(rf"^{name} ([\d.]+)\n", process.log.read_text(errors="replace"), re.MULTILINE)
    return float(found[1]) if found else None

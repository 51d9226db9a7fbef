"""`python -m benchmarks.burst`: a tenfold burst, with --on-overload shed and with lag.

An open loop sends tweets of known truth at a base load, ten times as many for a while, and the base load again; the
real worker labels them. Latency counts from the moment a tweet was to be sent, so that a sender that is held up hides
nothing.
"""

import sys
import tempfile
import time
import urllib.request
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from signal import SIGINT, SIGTERM

from rich.table import Table

from benchmarks import brokers, output, processes, schedule
from benchmarks import load_generator as open_loop
from benchmarks.measure import measure
from benchmarks.schedule import Phase
from benchmarks.scoring import Row, Timeline, known, late_until, rows, timeline
from benchmarks.topics import Tail, Topics, fill, new_outputs, new_topic
from benchmarks.tweets import Pool, read_pool
from deploy.demo.broker import free_port
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.cli.interruption import Interruption
from worker.errors import CascadeError
from worker.settings import parse_duration

MODES = ("shed", "lag")
TIMES = 10
_ENOUGH, _PATIENCE_S, _GLANCE_MS = 20_000, 180.0, 20


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = ArgumentParser(
        prog="python -m benchmarks.burst", formatter_class=app.HelpFormatter,
        description="Sends a tenfold burst of tweets to the worker, once with --on-overload shed and once with lag: "
        "accuracy, latency and lag through time. Loads are shares of the worker's capacity, which is measured first; a "
        "base of 0.2 makes a burst of twice what it can do.",
    )  # fmt: skip
    flag = parser.add_argument
    brokers.add_flag(parser)
    flag("--artifact", type=Path, default=Path("models/default"), metavar="DIR",
         help="the cascade (default: models/default)")  # fmt: skip
    flag("--tweets", type=Path, metavar="FILE", help=".csv with targets (default: the data's held-out tweets)")
    flag("--base", type=float, default=0.2, metavar="SHARE", help="base load, of the capacity (default: 0.2)")
    flag("--capacity", type=float, metavar="N", help="tweets a second (default: measured over a backlog)")
    flag("--seconds", type=float, nargs=3, default=(20.0, 10.0, 40.0), metavar=("BEFORE", "BURST", "AFTER"),
         help="how long the phases are (default: 20 10 40)")  # fmt: skip
    flag("--latency-objective", default="1s", metavar="DURATION", help="of the worker (default: 1s)")
    flag("--json", type=Path, metavar="FILE", help="write the table's rows")
    flag("--picture", type=Path, metavar="FILE", help="write lag, latency, shed and accuracy over time, .png or .svg")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, and print."""
    for path in (arguments.json, arguments.picture):
        output.require_writable(path)
    pool, interruption = known(read_pool(arguments.tweets)), Interruption()
    with (
        interruption.listening(SIGINT, SIGTERM),
        brokers.running(arguments.broker) as broker,
        tempfile.TemporaryDirectory() as folder,
    ):
        bench = Bench(broker.servers, arguments, pool, Path(folder), interruption)
        capacity = arguments.capacity or bench.capacity()
        phases = phases_of(arguments, capacity)
        lines = {mode: bench.run(mode, phases) for mode in MODES}
    found = output.facts(broker=broker.name, tweets=pool.name, artefact=str(arguments.artifact),
                         capacity=f"{capacity:,.0f} tweets/s", objective=arguments.latency_objective)  # fmt: skip
    told = [row for mode in MODES for row in rows(mode, lines[mode], phases, bench.objective_s)]
    report(told, lines, phases, found, bench.objective_s)
    output.write_json(arguments.json, told, found)
    if arguments.picture:
        from benchmarks.burst_picture import draw

        draw(lines, phases, bench.objective_s, arguments.picture)
    return 0


def phases_of(arguments: Namespace, capacity: float) -> list[Phase]:
    """Return base, burst, base."""
    base = arguments.base * capacity
    rates = {"before": base, "burst": TIMES * base, "after": base}
    return [Phase(name, s, rates[name]) for name, s in zip(rates, arguments.seconds, strict=True)]


class Bench:
    """Runs the worker on a broker."""

    def __init__(
        self, servers: str, arguments: Namespace, pool: Pool, folder: Path, interruption: Interruption
    ) -> None:
        self.servers, self.pool, self.folder, self.interruption = servers, pool, folder, interruption
        self.artifact, self.tweets, self.objective = arguments.artifact, arguments.tweets, arguments.latency_objective
        self.objective_s = parse_duration(self.objective).total_seconds()

    def capacity(self) -> float:
        """Return the tweets a second that the worker does of a backlog, nothing shed."""
        topics = self._topics()
        fill(self.servers, topics.input, self.pool.records(_ENOUGH))
        with (
            progress_bar(new_console(stderr=True)) as progress,
            self._worker(topics, "lag") as worker,
        ):
            task = progress.add_task("capacity", total=_ENOUGH)
            run = measure(worker, topics, _ENOUGH, 60.0, lambda n: progress.advance(task, n), keep=False)
        return run.rate

    def run(self, mode: str, phases: Sequence[Phase]) -> Timeline:
        """Send the phases' tweets to a worker in this mode."""
        topics, sent = self._topics(), schedule.times(phases, seed=1)
        with (
            progress_bar(new_console(stderr=True)) as progress,
            self._worker(topics, mode) as worker,
            closing(Tail(self.servers, topics.output, _GLANCE_MS)) as tail,
        ):
            task = progress.add_task(mode, total=len(sent))
            wait_ready(worker, self.port)
            with processes.running("sender", self._sender(topics, phases), self.folder, self.interruption) as sender:
                came = self._collect(tail, worker, len(sent), lambda n: progress.advance(task, n))
                sender.process.wait(_PATIENCE_S)
            begin, *_, late = map(float, sender.log.read_text().split())
        if late > 0.1 * self.objective_s:
            print(f"the sender was {late:.3f} s late at worst: the machine is too busy for this load", file=sys.stderr)
        return timeline(came, begin, sent, self.pool)

    def _topics(self) -> Topics:
        return new_outputs(self.servers, new_topic(self.servers, "tweets"))

    def _worker(self, topics: Topics, mode: str) -> AbstractContextManager[processes.Process]:
        self.port = free_port()
        flags = ("--on-overload", mode, "--latency-objective", self.objective)
        command = processes.worker_command(topics, self.artifact, self.port, flags)
        return processes.running(mode, command, self.folder, self.interruption)

    def _sender(self, topics: Topics, phases: Sequence[Phase]) -> list[str]:
        own = ["--tweets", str(self.tweets)] if self.tweets else []
        return [
            *(sys.executable, "-m", open_loop.__name__, "--bootstrap-servers", self.servers, "--topic", topics.input),
            *("--phases", schedule.write(phases), "--seed", "1", *own),
        ]

    @staticmethod
    def _collect(
        tail: Tail, worker: processes.Process, total: int, advance: Callable[[int], None]
    ) -> list[tuple[int, bytes]]:
        came: list[tuple[int, bytes]] = []
        deadline = time.monotonic() + _PATIENCE_S
        while len(came) < total:
            worker.check()
            if found := tail.poll(0.02):
                deadline = time.monotonic() + _PATIENCE_S
                came.extend(found)
                advance(len(found))
            elif time.monotonic() > deadline:
                raise CascadeError(f"{len(came)} of {total} labels came; the worker says:\n{worker.last_lines()}")
        return came


def wait_ready(worker: processes.Process, port: int) -> None:
    """Return once the worker's group has given it partitions."""
    deadline = time.monotonic() + _PATIENCE_S
    while not _is_ready(port):
        worker.check()
        if time.monotonic() > deadline:
            raise CascadeError(f"the worker does not get ready:\n{worker.last_lines()}")
        worker.interruption.sleep(0.1)


def _is_ready(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
        return True
    return False


def report(
    told: Sequence[Row],
    lines: Mapping[str, Timeline],
    phases: Sequence[Phase],
    found: Mapping[str, str],
    objective_s: float,
) -> None:
    """Print the table, and how long it took until all was as before."""
    console = new_console()
    output.print_facts(found, console)
    console.print(f"capacity  {found['capacity']} with nothing shed; objective {found['objective']}\n")
    console.print(table(told))
    burst_ends = phases[0].seconds + phases[1].seconds
    for mode, line in lines.items():
        late = max(0.0, late_until(line, objective_s) - burst_ends)
        console.print(f"{mode}: the last tweet above the objective came out {late:.1f} s after the burst's end")


def table(told: Sequence[Row]) -> Table:
    """Return the rows as people read them; latencies in seconds."""
    found = output.new_table(
        "A tenfold burst; latencies in s", "mode", "phase", "/s", "accurate", "shed", "50 %", "99 %", "most", "in time",
        "waiting",
    )  # fmt: skip
    for row in told:
        found.add_row(
            str(row["name"]), str(row["phase"]), f"{row['sent_per_second']:,.0f}", f"{row['accuracy']:.2%}",
            f"{row['shed_share']:.1%}", *(f"{row[name]:.2f}" for name in ("p50_s", "p99_s", "max_s")),
            f"{row['within_objective']:.1%}", f"{row['most_waiting']:,}",
        )  # fmt: skip
    return found


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

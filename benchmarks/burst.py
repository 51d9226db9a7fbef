"""`python -m benchmarks.burst`: a tenfold burst, with --on-overload shed and with lag.

An open-loop generator sends tweets whose targets are known: at a base load, at ten times as much, and at the base load
again; a worker labels them. Latency counts from a tweet's arrival time, whether it was sent then or late.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.burst_run import BurstRun
from benchmarks.harness.context import BenchmarkContext, add_common_flags, benchmark_context, require_positive
from benchmarks.load_generator.phases import LoadPhase
from benchmarks.results.output import TableRow, new_table, require_writable, write_json
from benchmarks.results.pictures import draw_burst
from benchmarks.results.scoring import Timeline, late_until, phase_rows
from worker.cli import app
from worker.errors import SettingError
from worker.settings import parse_duration

_DESCRIPTION = """\
Sends a tenfold burst of tweets to a worker, once with --on-overload shed and once with lag: accuracy, latency and lag
over time. Loads are shares of the worker's capacity, which is measured first; with a base of 0.2 the burst is twice the
capacity. Only tweets whose target is known are sent."""
MODES = ("shed", "lag")
BURST_FACTOR = 10


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.burst", _DESCRIPTION)
    add_common_flags(parser)
    flag = parser.add_argument
    flag(
        "--base", type=float, default=0.2, metavar="SHARE", help="base load, as a share of the capacity (default: 0.2)"
    )
    flag("--capacity", type=float, metavar="N", help="tweets a second (default: measured over a backlog)")
    flag("--seconds", type=float, nargs=3, default=(20.0, 10.0, 40.0), metavar=("BEFORE", "BURST", "AFTER"),
         help="duration of the phases (default: 20 10 40)")  # fmt: skip
    flag("--latency-objective", default="1s", metavar="DURATION", help="of the worker (default: 1s)")
    flag("--picture", type=Path, metavar="FILE", help="draw lag, latency, shed and accuracy over time, .png or .svg")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print, write."""
    require_writable(arguments.picture)
    require_positive(base=arguments.base, seconds=min(arguments.seconds))
    objective_s = _objective_s(arguments.latency_objective)
    with benchmark_context(arguments) as context:
        run = BurstRun(context, arguments.latency_objective, objective_s)
        capacity = arguments.capacity or run.capacity()
        require_positive(capacity=capacity)
        phases = burst_phases(arguments.base * capacity, arguments.seconds)
        lines = {mode: run.measure(mode, phases) for mode in MODES}
        rows = [row for mode in MODES for row in phase_rows(mode, lines[mode], phases, objective_s)]
        facts = {
            **context.facts, "capacity": f"{capacity:,.0f} tweets/s", "objective": arguments.latency_objective
        }  # fmt: skip
        _report(context, rows, lines, phases, facts, objective_s)
        write_json(arguments.json, rows, facts)
        if arguments.picture:
            draw_burst(lines, phases, objective_s, arguments.picture)
    return 0


def _objective_s(duration: str) -> float:
    try:
        return parse_duration(duration).total_seconds()
    except ValueError as error:
        raise SettingError(f"--latency-objective: {error}") from None


def burst_phases(base: float, durations: Sequence[float]) -> list[LoadPhase]:
    """Return the three phases.

    Args:
        base: tweets a second before and after the burst.
        durations: of the phases, in seconds.

    """
    rates = {"before": base, "burst": BURST_FACTOR * base, "after": base}
    return [LoadPhase(name, s, rates[name]) for name, s in zip(rates, durations, strict=True)]


def _report(
    context: BenchmarkContext,
    rows: Sequence[TableRow],
    lines: Mapping[str, Timeline],
    phases: Sequence[LoadPhase],
    facts: Mapping[str, str],
    objective_s: float,
) -> None:
    """Print the table, and how long after the burst latencies exceeded the objective."""
    console = context.console
    console.print(f"capacity  {facts['capacity']} with nothing shed; objective {facts['objective']}\n")
    console.print(_table(rows))
    burst_end = phases[0].seconds + phases[1].seconds
    for mode, line in lines.items():
        late = max(0.0, late_until(line, objective_s) - burst_end)
        console.print(f"{mode}: last label above the objective {late:.1f} s after the end of the burst")


def _table(rows: Sequence[TableRow]) -> Table:
    found = new_table(
        "A tenfold burst; latencies in s", "mode", "phase", "tweets/s", "accuracy", "shed", "p50", "p99", "max",
        "in time", "most waiting",
    )  # fmt: skip
    for row in rows:
        found.add_row(
            str(row["name"]), str(row["phase"]), f"{row['sent_per_second']:,.0f}", f"{row['accuracy']:.2%}",
            f"{row['shed_share']:.1%}", *(f"{row[name]:.2f}" for name in ("p50_s", "p99_s", "max_s")),
            f"{row['within_objective']:.1%}", f"{row['most_waiting']:,}",
        )  # fmt: skip
    return found


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

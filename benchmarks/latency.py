"""`python -m benchmarks.latency`: the latency from tweet to label, by the worker's load."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from benchmarks.harness.backlog_run import measure_capacity
from benchmarks.harness.context import BenchmarkContext, add_common_flags, benchmark_context, require_positive
from benchmarks.harness.processes import running_workers
from benchmarks.harness.topics import new_outputs, new_topic
from benchmarks.latency_run import LatencyRun, measure_latency, percentiles
from benchmarks.load_generator.phases import LoadPhase
from benchmarks.results.output import TableRow, new_table, require_writable, write_json
from benchmarks.results.pictures import draw_latency
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.errors import SettingError

_DESCRIPTION = """\
Measures the worker's capacity over a backlog, then its latency at shares of that capacity; each load gets a new worker.
An open-loop generator, a process of its own, sends tweets as a Poisson process, however slow the worker is. Latency
counts from a tweet's arrival time to the broker's write of its label (with the embedded broker, which writes no time,
to the read of its label, in steps of 0.2 s). Tweets of the warm-up are not counted.

With --sustain and --rate it sends that many tweets a second for that long instead, and reports how the lag grew."""


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.latency", _DESCRIPTION)
    add_common_flags(parser)
    flag = parser.add_argument
    flag("--loads", default="0.1,0.5,0.8,0.95", metavar="A,B,...",
         help="shares of the capacity (default: 0.1,0.5,0.8,0.95)")  # fmt: skip
    flag("--seconds", type=float, default=30, metavar="S", help="duration of each load (default: 30)")
    flag("--warm-up", type=float, default=5, metavar="S", help="duration of the warm-up before it (default: 5)")
    flag("--capacity", type=float, metavar="N", help="tweets a second (default: measured over a backlog)")
    flag("--sustain", type=float, metavar="S", help="send at --rate for this long instead")
    flag("--rate", type=float, metavar="N", help="tweets a second for --sustain")
    flag("--picture", type=Path, metavar="FILE", help="draw the distribution of the latencies, .svg")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print, write."""
    loads = _loads(arguments)
    require_writable(arguments.picture)
    with benchmark_context(arguments) as context:
        phases = [_sustained(arguments)] if arguments.sustain else _at_loads(context, loads, arguments)
        runs = [(phase, _measure(context, phase, arguments.warm_up)) for phase in phases]
        rows = [_row(phase, run, arguments.warm_up) for phase, run in runs]
        _report(rows, context)
        if arguments.picture:
            draw_latency({phase.name: run.latencies for phase, run in runs}, arguments.picture)
        write_json(arguments.json, rows, context.facts)
    return 0


def _loads(arguments: Namespace) -> list[float]:
    """Check the arguments; return the loads as shares of the capacity."""
    if (arguments.sustain is None) != (arguments.rate is None):
        raise SettingError("--sustain needs --rate, and --rate needs --sustain: seconds, and tweets a second")
    given = {name: getattr(arguments, name) for name in ("seconds", "warm_up", "capacity", "sustain", "rate")}
    require_positive(**{name: value for name, value in given.items() if value is not None})
    try:
        loads = [float(load) for load in arguments.loads.split(",")]
    except ValueError as error:
        raise SettingError(f"--loads: {error}; write shares such as 0.1,0.5") from None
    require_positive(loads=min(loads))
    return loads


def _at_loads(context: BenchmarkContext, loads: list[float], arguments: Namespace) -> list[LoadPhase]:
    capacity = arguments.capacity or measure_capacity(context, context.pool)
    require_positive(capacity=capacity)
    context.console.print(f"capacity: {capacity:,.0f} tweets/s\n")
    return [LoadPhase(f"{load:.0%} of capacity", arguments.seconds, load * capacity) for load in loads]


def _sustained(arguments: Namespace) -> LoadPhase:
    name = f"{arguments.rate:,.0f}/s for {arguments.sustain:g} s"
    return LoadPhase(name, arguments.sustain, arguments.rate)


def _measure(context: BenchmarkContext, phase: LoadPhase, warm_up: float) -> LatencyRun:
    """Measure a phase on a new worker, after a warm-up at the same rate."""
    topics = new_outputs(context.servers, new_topic(context.servers, "tweets"))
    phases = [LoadPhase("warm-up", warm_up, phase.rate), phase]
    with progress_bar(new_console(stderr=True)) as progress, running_workers(context, topics) as [worker]:
        task = progress.add_task(phase.name, total=round(phase.rate * (warm_up + phase.seconds)))
        return measure_latency(context, topics, worker, phases, lambda n: progress.advance(task, n))


def _row(phase: LoadPhase, run: LatencyRun, warm_up: float) -> TableRow:
    labelled = np.asarray(run.due) + np.asarray(run.latencies)
    return {
        "name": phase.name,
        "tweets_per_second": round(phase.rate, 1),
        "labels_per_second": round(len(labelled) / (np.ptp(labelled) or 1) * 1000, 1),
        **{key: round(value, 1) for key, value in percentiles(run.latencies).items()},
        "max_ms": round(max(run.latencies), 1),
        "most_lag": round(max((behind for _, behind in run.lag), default=0.0)),
        "lag_growth_per_second": round(run.lag_growth(warm_up + phase.seconds), 2),
        "rss_mb": round(max(run.rss_mb, default=0.0)),
        "producer_late_ms": run.late_ms,
        "messages": len(labelled),
    }


def _report(rows: list[TableRow], context: BenchmarkContext) -> None:
    columns = ("tweets_per_second", "p50_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms", "most_lag", "rss_mb")
    table = new_table("Latency, ms", "load", "tweets/s", "p50", "p95", "p99", "p99.9", "max", "most lag", "MB")
    for row in rows:
        table.add_row(str(row["name"]), *(f"{row[name]:,.0f}" for name in columns))
    context.console.print(table)
    for row in rows:
        context.console.print(
            f"{row['name']}: {row['labels_per_second']:,.0f} labels/s; the lag grew by "
            f"{row['lag_growth_per_second']:+.1f} tweets a second; largest delay of a tweet by the load generator: "
            f"{row['producer_late_ms']:.0f} ms"
        )


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

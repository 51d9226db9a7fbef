"""`python -m benchmarks.latency`: how long a tweet takes to its label, by how busy the worker is."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from benchmarks import options
from benchmarks.latency_run import Phase, percentiles, phase
from benchmarks.linear_fit import fit_line
from benchmarks.measure import measure
from benchmarks.output import Row, new_table, require_writable, write_json
from benchmarks.pictures import draw_latency
from benchmarks.processes import running, worker_command
from benchmarks.serving import workers
from benchmarks.topics import fill, new_outputs, new_topic
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.errors import SettingError

_DESCRIPTION = """\
Measures what the worker can do at full speed, then sends tweets at shares of that, each share to a worker that has just
started and labelled some seconds' tweets, which are not counted. Tweets come as a Poisson process from a process of
its own that keeps to its times whatever the worker does; a latency is from when a tweet was due to when the broker
wrote its label (the embedded broker gives no such time: there it is when the label was read, in steps of 0.2 s).

With --sustain and --rate it sends that many tweets a second for that long instead, and tells how the lag grew."""
_CAPACITY_MESSAGES = 60_000
_CAPACITY_SECONDS = 15
_WARM_UP_S = 5.0


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = options.new_parser("latency", _DESCRIPTION)
    flag = parser.add_argument
    flag("--loads", default="0.1,0.5,0.8,0.95", metavar="A,B,...",
         help="shares of the capacity (default: 0.1,0.5,0.8,0.95)")  # fmt: skip
    flag("--seconds", type=float, default=30, metavar="S", help="length of each load (default: 30)")
    flag("--capacity", type=float, metavar="N", help="tweets a second at full speed (default: measured first)")
    flag("--sustain", type=float, metavar="S", help="send at --rate for as long instead")
    flag("--rate", type=float, metavar="N", help="tweets a second for --sustain")
    flag("--picture", type=Path, metavar="FILE", help="draw the latencies' distribution there, .svg")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print, write."""
    loads = _loads(arguments)
    require_writable(arguments.picture)
    with options.bench(arguments) as bench:
        phases = _sustained(bench, arguments) if arguments.sustain else _at_loads(bench, loads, arguments)
        rows = [_row(name, rate, found) for name, (rate, found) in phases.items()]
        _report(rows, bench)
        if arguments.picture:
            draw_latency({name: found.latencies for name, (_, found) in phases.items()}, arguments.picture)
        write_json(arguments.json, rows, bench.facts)
    return 0


def _loads(arguments: Namespace) -> list[float]:
    """Check the arguments; return the shares."""
    if (arguments.sustain is None) != (arguments.rate is None):
        raise SettingError("--sustain and --rate go together: tweets a second, and for how many seconds")
    given = {name: getattr(arguments, name) for name in ("seconds", "capacity", "sustain", "rate")}
    options.require_positive(**{name: value for name, value in given.items() if value is not None})
    try:
        loads = [float(load) for load in arguments.loads.split(",")]
    except ValueError as error:
        raise SettingError(f"--loads: {error}; write shares such as 0.1,0.5") from None
    options.require_positive(loads=min(loads))
    return loads


def _at_loads(bench: options.Bench, loads: list[float], arguments: Namespace) -> dict[str, tuple[float, Phase]]:
    capacity = arguments.capacity or _capacity(bench)
    options.require_positive(capacity=capacity)
    bench.console.print(f"capacity: {capacity:,.0f} tweets/s\n")
    rates = {f"{load:.0%} of capacity": load * capacity for load in loads}
    return {name: (rate, _phase(bench, name, rate, arguments.seconds)) for name, rate in rates.items()}


def _sustained(bench: options.Bench, arguments: Namespace) -> dict[str, tuple[float, Phase]]:
    name = f"{arguments.rate:,.0f}/s for {arguments.sustain:g} s"
    return {name: (arguments.rate, _phase(bench, name, arguments.rate, arguments.sustain))}


def _capacity(bench: options.Bench) -> float:
    """Return tweets a second of a worker that has a backlog."""
    source = new_topic(bench.servers, "tweets")
    fill(bench.servers, source, bench.pool.records(_CAPACITY_MESSAGES))
    topics = new_outputs(bench.servers, source)
    with (
        progress_bar(new_console(stderr=True)) as progress,
        running("worker", worker_command(topics, bench.artifact), bench.folder, bench.interruption) as process,
    ):
        task = progress.add_task("capacity", total=_CAPACITY_MESSAGES)
        count = lambda n: progress.advance(task, n)  # noqa: E731
        return measure(process, topics, _CAPACITY_MESSAGES, _CAPACITY_SECONDS, count, keep=False).rate


def _phase(bench: options.Bench, name: str, rate: float, seconds: float) -> Phase:
    """Return one load's latencies without those of the warm-up."""
    topics = new_outputs(bench.servers, new_topic(bench.servers, "tweets"))
    whole = seconds + _WARM_UP_S
    with progress_bar(new_console(stderr=True)) as progress, workers(bench, topics, 1) as [worker]:
        task = progress.add_task(name, total=max(1, round(rate * whole)))
        found = phase(bench, topics, worker, rate, whole, lambda n: progress.advance(task, n))
    return without_warm_up(found, _WARM_UP_S)


def without_warm_up(found: Phase, seconds: float) -> Phase:
    """Return the phase without the tweets that were due in its first seconds."""
    begin = min(found.due) + seconds * 1000
    kept = [(due, took) for due, took in zip(found.due, found.latencies, strict=True) if due >= begin]
    lag = [(at, behind) for at, behind in found.lag if at >= seconds]
    return Phase([took for _, took in kept], [due for due, _ in kept], lag, found.rss_mb, found.late_ms)


def _row(name: str, rate: float, found: Phase) -> Row:
    labelled = np.asarray(found.due) + np.asarray(found.latencies)
    return {
        "name": name,
        "tweets_per_second": round(rate, 1),
        "labels_per_second": round(len(labelled) / (np.ptp(labelled) or 1) * 1000, 1),
        **{key: round(value, 1) for key, value in percentiles(found.latencies).items()},
        "max_ms": round(max(found.latencies), 1),
        "most_lag": round(max((behind for _, behind in found.lag), default=0.0)),
        "lag_growth_per_second": round(_growth(found), 2),
        "rss_mb": round(max(found.rss_mb, default=0.0)),
        "producer_late_ms": found.late_ms,
        "messages": len(labelled),
    }


def _growth(found: Phase) -> float:
    """Return by how many tweets a second the lag grew while tweets came: what follows only empties it."""
    end = (max(found.due) - min(found.due)) / 1000 + _WARM_UP_S
    points = [(at, behind) for at, behind in found.lag if at <= end]
    return fit_line(*zip(*points, strict=True)).slope if len(points) > 1 else 0.0


def _report(rows: list[Row], bench: options.Bench) -> None:
    columns = ("tweets_per_second", "p50_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms", "most_lag", "rss_mb")
    table = new_table("Latency, milliseconds", "load", "tweets/s", "p50", "p95", "p99", "p99.9", "max", "lag", "MB")
    for row in rows:
        table.add_row(str(row["name"]), *(f"{row[name]:,.0f}" for name in columns))
    bench.console.print(table)
    for row in rows:
        bench.console.print(
            f"{row['name']}: {row['labels_per_second']:,.0f} labels/s, the lag grew by "
            f"{row['lag_growth_per_second']:+.1f} tweets a second; the producer's latest tweet was "
            f"{row['producer_late_ms']:.0f} ms late"
        )


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

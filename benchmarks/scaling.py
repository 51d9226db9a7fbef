"""`python -m benchmarks.scaling`: throughput by number of workers, and time and memory by size of the backlog."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.harness.backlog_run import measure_backlog
from benchmarks.harness.commands import worker_command
from benchmarks.harness.context import BenchmarkContext, add_common_flags, benchmark_context, require_positive
from benchmarks.harness.processes import running_process, running_workers
from benchmarks.harness.topics import fill, new_outputs, new_topic
from benchmarks.results.linear_fit import LinearFit, fit_line
from benchmarks.results.output import TableRow, new_table, write_json
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.errors import SettingError

_DESCRIPTION = """\
Measures whether more workers of one group label more, and whether the time for a backlog is proportional to its size at
constant memory. Each group gets a topic of its own, which is filled once all workers are ready. Each backlog gets one
worker, which runs to its end; a linear fit of the times extrapolates to ten million records, which are not measured."""
_EXTRAPOLATED = 10_000_000


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.scaling", _DESCRIPTION)
    add_common_flags(parser)
    flag = parser.add_argument
    flag("--workers", default="1,2,4", metavar="A,B,...", help="workers in a group; empty for none (default: 1,2,4)")
    flag("--messages", type=int, default=60_000, metavar="N", help="tweets for each group (default: 60000)")
    flag("--backlogs", default="10000,100000,1000000", metavar="A,B,...",
         help="records; empty for none (default: 10000,100000,1000000: a quarter of an hour at 1,500/s)")  # fmt: skip
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print, write."""
    counts, sizes = parse_numbers("workers", arguments.workers), parse_numbers("backlogs", arguments.backlogs)
    require_positive(messages=arguments.messages)
    with benchmark_context(arguments) as context:
        groups = [_measure_group(context, count, arguments.messages) for count in counts]
        if groups:
            _report_groups(groups, context)
        backlogs = [_measure_backlog(context, size) for size in sizes]
        if backlogs:
            _report_backlogs(backlogs, context)
        write_json(arguments.json, groups + backlogs, context.facts)
    return 0


def parse_numbers(name: str, text: str) -> list[int]:
    """Parse a comma-separated list of whole numbers above 0.

    Raises:
        SettingError: one is not a whole number, or not above 0.

    """
    try:
        found = [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise SettingError(f"--{name}: {error}; write whole numbers such as 1,2,4") from None
    if any(number < 1 for number in found):
        raise SettingError(f"--{name}: {text}; each must be above 0")
    return found


def _measure_group(context: BenchmarkContext, count: int, messages: int) -> TableRow:
    source = new_topic(context.servers, "tweets")
    topics = new_outputs(context.servers, source)
    with ExitStack() as stack:
        progress = stack.enter_context(progress_bar(new_console(stderr=True)))
        workers = stack.enter_context(running_workers(context, topics, count))
        before = [worker.cpu_seconds() for worker in workers]
        fill(context.servers, source, context.pool.records(messages))
        task = progress.add_task(f"{count} workers", total=messages)
        run = measure_backlog(
            workers[0], topics, messages, float("inf"), lambda n: progress.advance(task, n), keep=False
        )  # fmt: skip
        cpu = sum(worker.cpu_seconds() - at for worker, at in zip(workers, before, strict=True))
        rss = max(worker.rss_mb() for worker in workers)
    return {
        "name": f"workers={count}",
        "messages_per_second": round(run.rate, 1),
        "cpu_us": round(cpu / messages * 1e6, 1),
        "cores_busy": round(cpu / run.seconds, 2) if run.seconds else None,
        "rss_mb": round(rss),
        "messages": messages,
    }


def _measure_backlog(context: BenchmarkContext, size: int) -> TableRow:
    source = new_topic(context.servers, "tweets")
    topics = new_outputs(context.servers, source)
    command = worker_command(topics, context.artifact)
    with progress_bar(new_console(stderr=True)) as progress:
        records = progress.track(context.pool.records(size), size, description=f"filling {size:,}")
        fill(context.servers, source, records)
        with running_process("worker", command, context.folder, context.interruption) as process:
            task = progress.add_task(f"backlog of {size:,}", total=size)
            run = measure_backlog(process, topics, size, float("inf"), lambda n: progress.advance(task, n), keep=False)
    return {
        "name": f"backlog={size}",
        "messages_per_second": round(run.rate, 1),
        "seconds": round(run.seconds, 2),
        "cpu_us": round(run.cpu_us, 1),
        "rss_mb": round(run.rss_mb),
        "rss_half_mb": round(next(mb for count, _, mb in run.samples if 2 * count >= size)),
        "messages": size,
    }


def _report_groups(rows: Sequence[TableRow], context: BenchmarkContext) -> None:
    first = float(str(rows[0]["messages_per_second"]))
    table = new_table("Workers of one group", "workers", "messages/s", "x first", "CPU us", "cores busy", "max MB")
    for row in rows:
        speed = float(str(row["messages_per_second"]))
        table.add_row(
            str(row["name"]), f"{speed:,.0f}", f"{speed / first:.2f}" if first else "-", f"{row['cpu_us']:,.0f}",
            str(row["cores_busy"]), f"{row['rss_mb']:,}",
        )  # fmt: skip
    context.console.print(table)


def _report_backlogs(rows: Sequence[TableRow], context: BenchmarkContext) -> None:
    columns = ("backlog", "seconds", "messages/s", "CPU us", "MB at half", "max MB")
    table = new_table("One worker, by size of the backlog", *columns)
    for row in rows:
        table.add_row(
            str(row["name"]), f"{row['seconds']:,.1f}", f"{row['messages_per_second']:,.0f}", f"{row['cpu_us']:,.0f}",
            f"{row['rss_half_mb']:,}", f"{row['rss_mb']:,}",
        )  # fmt: skip
    context.console.print(table)
    if len(rows) > 1:
        sizes, seconds = ([float(str(row[name])) for row in rows] for name in ("messages", "seconds"))
        context.console.print(extrapolation(fit_line(sizes, seconds)))
    largest = max(rows, key=lambda row: int(str(row["messages"])))
    context.console.print(
        f"memory in {largest['name']}: {largest['rss_half_mb']:,} MB after half of it, {largest['rss_mb']:,} MB at most"
    )


def extrapolation(fit: LinearFit) -> str:
    """Return the fitted line, and the time that it gives for ten million records."""
    slope, total = f"{fit.slope * 1e6:.1f} us", fit.at(_EXTRAPOLATED)
    return (
        f"time = {fit.intercept:.1f} s + {slope} a record; R^2 {fit.r_squared:.4f}\n"
        f"Extrapolated to {_EXTRAPOLATED:,} records: {fit.intercept:.1f} s + {_EXTRAPOLATED:,} x {slope} = "
        f"{total:,.0f} s ({total / 3600:.1f} h)"
    )


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

"""`python -m benchmarks.scaling`: more workers, and larger backlogs."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks import options
from benchmarks.linear_fit import Line, fit_line
from benchmarks.measure import Run, measure
from benchmarks.output import Row, new_table, write_json
from benchmarks.processes import running, worker_command
from benchmarks.serving import workers
from benchmarks.topics import Topics, fill, new_outputs, new_topic
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.errors import SettingError

_DESCRIPTION = """\
Two questions. Do more workers of one group do more? Each number of workers gets a topic of its own, which is filled
once all of them are ready. And what does a backlog cost: is its time in proportion to its size, and memory the same?
One worker is started on each backlog, which takes as long as it takes; a line through the times says what ten million
records would take, which is arithmetic and not measured."""
_ON_PAPER = 10_000_000


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = options.new_parser("scaling", _DESCRIPTION)
    flag = parser.add_argument
    flag("--workers", default="1,2,4", metavar="A,B,...", help="workers in a group; empty for none (default: 1,2,4)")
    flag("--messages", type=int, default=60_000, metavar="N", help="tweets for each number of workers (default: 60000)")
    flag("--backlogs", default="10000,100000,1000000", metavar="A,B,...",
         help="records; empty for none (default: 10000,100000,1000000: a quarter of an hour at 1,500/s)")  # fmt: skip
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print, write."""
    counts, sizes = numbers("workers", arguments.workers), numbers("backlogs", arguments.backlogs)
    options.require_positive(messages=arguments.messages)
    with options.bench(arguments) as bench:
        groups = [_group(bench, count, arguments.messages) for count in counts]
        if groups:
            _report_groups(groups, bench)
        backlogs = [_backlog(bench, size) for size in sizes]
        if backlogs:
            _report_backlogs(backlogs, bench)
        write_json(arguments.json, groups + backlogs, bench.facts)
    return 0


def numbers(name: str, text: str) -> list[int]:
    """Return the whole numbers of a comma-separated list.

    Raises:
        SettingError: one is none, or not above 0.

    """
    try:
        found = [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise SettingError(f"--{name}: {error}; write whole numbers such as 1,2,4") from None
    if any(number < 1 for number in found):
        raise SettingError(f"--{name}: {text}; each must be above 0")
    return found


def _group(bench: options.Bench, count: int, messages: int) -> Row:
    source = new_topic(bench.servers, "tweets")
    topics = new_outputs(bench.servers, source)
    with ExitStack() as stack:
        progress = stack.enter_context(progress_bar(new_console(stderr=True)))
        started = stack.enter_context(workers(bench, topics, count))
        before = [process.cpu_seconds() for process in started]
        fill(bench.servers, source, bench.pool.records(messages))
        task = progress.add_task(f"{count} workers", total=messages)
        run = measure(started[0], topics, messages, float("inf"), lambda n: progress.advance(task, n), keep=False)
        cpu = sum(process.cpu_seconds() - at for process, at in zip(started, before, strict=True))
        rss = max(process.rss_mb() for process in started)
    return {
        "name": f"workers={count}",
        "messages_per_second": round(run.rate, 1),
        "cpu_us": round(cpu / messages * 1e6, 1),
        "cores_busy": round(cpu / _seconds(run), 2) if _seconds(run) else None,
        "rss_mb": round(rss),
        "messages": messages,
    }


def _backlog(bench: options.Bench, size: int) -> Row:
    source = new_topic(bench.servers, "tweets")
    topics: Topics = new_outputs(bench.servers, source)
    with progress_bar(new_console(stderr=True)) as progress:
        fill(bench.servers, source, progress.track(bench.pool.records(size), size, description=f"filling {size:,}"))
        with running("worker", worker_command(topics, bench.artifact), bench.folder, bench.interruption) as process:
            task = progress.add_task(f"backlog of {size:,}", total=size)
            run = measure(process, topics, size, float("inf"), lambda n: progress.advance(task, n), keep=False)
    return {
        "name": f"backlog={size}",
        "messages_per_second": round(run.rate, 1),
        "seconds": round(_seconds(run), 2),
        "cpu_us": round(run.cpu_us, 1),
        "rss_mb": round(run.rss_mb),
        "rss_half_mb": round(next(mb for count, _, mb in run.samples if 2 * count >= size)),
        "messages": size,
    }


def _seconds(run: Run) -> float:
    """Return from the first record to the last; 0 where all came in one moment, too few to measure."""
    return (max(run.times) - min(run.times)) / 1000


def _report_groups(rows: Sequence[Row], bench: options.Bench) -> None:
    first = float(str(rows[0]["messages_per_second"]))
    table = new_table("Workers of one group", "workers", "messages/s", "x first", "CPU us", "cores busy", "MB, largest")
    for row in rows:
        speed = float(str(row["messages_per_second"]))
        table.add_row(
            str(row["name"]), f"{speed:,.0f}", f"{speed / first:.2f}" if first else "-",
            f"{row['cpu_us']:,.0f}", str(row["cores_busy"]),
            f"{row['rss_mb']:,}",
        )  # fmt: skip
    bench.console.print(table)


def _report_backlogs(rows: Sequence[Row], bench: options.Bench) -> None:
    table = new_table(
        "One worker, by backlog", "backlog", "seconds", "messages/s", "CPU us", "MB at half", "MB at most"
    )
    for row in rows:
        table.add_row(
            str(row["name"]), f"{row['seconds']:,.1f}", f"{row['messages_per_second']:,.0f}", f"{row['cpu_us']:,.0f}",
            f"{row['rss_half_mb']:,}", f"{row['rss_mb']:,}",
        )  # fmt: skip
    bench.console.print(table)
    if len(rows) > 1:
        sizes, seconds = ([float(str(row[name])) for row in rows] for name in ("messages", "seconds"))
        bench.console.print(conclusion(fit_line(sizes, seconds)))
    largest = max(rows, key=lambda row: int(str(row["messages"])))
    bench.console.print(
        f"memory in {largest['name']}: {largest['rss_half_mb']:,} MB after half of it, {largest['rss_mb']:,} MB at most"
    )


def conclusion(time: Line) -> str:
    """Return what the line through the backlogs' times says."""
    return (
        f"time = {time.intercept:.1f} s + {time.slope * 1e6:.1f} us a record; R^2 {time.r_squared:.4f}\n"
        f"On paper {_ON_PAPER:,} records: {time.intercept:.1f} + {_ON_PAPER:,} x {time.slope * 1e6:.1f} us = "
        f"{time.at(_ON_PAPER):,.0f} s ({time.at(_ON_PAPER) / 3600:.1f} h)"
    )


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

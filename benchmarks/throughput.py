"""`python -m benchmarks.throughput`: tweets a second, of the worker and of its peers."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

from rich.progress import Progress

from benchmarks.harness.backlog_run import BacklogRun, measure_backlog
from benchmarks.harness.context import BenchmarkContext, add_common_flags, benchmark_context, require_positive
from benchmarks.harness.processes import running_process
from benchmarks.harness.topics import Topics, fill, new_outputs, new_topic
from benchmarks.results.output import TableRow, new_table, write_json
from benchmarks.results.scoring import score
from benchmarks.results.targets import judge_targets
from benchmarks.systems import DEFAULT, SYSTEMS, parse_systems, system_commands
from worker.cli import app
from worker.cli.console import new_console, progress_bar

_DESCRIPTION = f"""\
Fills a topic of 12 partitions with tweets and runs each system over it, one after the other on one broker, each as a
process of its own. Every repeat begins with another system; the table has the medians. A run is measured by its output,
from the first record to the last, by the time of the broker's write (with the embedded broker, which writes no time, by
the time of the read), so that the start does not count. A slow system is ended after --seconds.

{chr(10).join(f"  {name:<17}{system.what}" for name, system in SYSTEMS.items())}

The defaults take about ten minutes on two cores."""

_COLUMNS = (
    "system", "messages/s", "min", "max", "x echo", "x cascade", "accuracy", "of", "deferred", "CPU us", "MB",
    "start s",
)  # fmt: skip


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.throughput", _DESCRIPTION)
    add_common_flags(parser)
    flag = parser.add_argument
    flag("--rows", default=",".join(DEFAULT), metavar="A,B,...",
         help="systems, comma-separated (default: all but faststream_batch)")  # fmt: skip
    flag("--repeats", type=int, default=3, metavar="N", help="runs of each (default: 3)")
    flag("--messages", type=int, default=100_000, metavar="N", help="tweets in the topic (default: 100000)")
    flag("--seconds", type=float, default=10, metavar="S",
         help="longest time of a run, from its first label on (default: 10)")  # fmt: skip
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print, write."""
    names = parse_systems(arguments.rows)
    require_positive(repeats=arguments.repeats, messages=arguments.messages, seconds=arguments.seconds)
    with benchmark_context(arguments) as context:
        commands = system_commands(names, context.artifact, context.folder)
        source = new_topic(context.servers, "tweets")
        fill(context.servers, source, context.pool.records(arguments.messages))
        with progress_bar(new_console(stderr=True)) as progress:
            runs = _all_runs(context, source, commands, arguments, progress)
        rows = [_row(name, found, context) for name, found in runs.items()]
        _report(rows, context)
        write_json(arguments.json, rows, context.facts)
    return 0


def _all_runs(
    context: BenchmarkContext,
    source: str,
    commands: Mapping[str, Callable[[Topics], list[str]]],
    arguments: Namespace,
    progress: Progress,
) -> dict[str, list[BacklogRun]]:
    """Return each system's runs; each repeat begins with another system."""
    names = list(commands)
    runs: dict[str, list[BacklogRun]] = {name: [] for name in names}
    whole = progress.add_task("all runs", total=len(names) * arguments.repeats)
    for repeat in range(arguments.repeats):
        first = repeat % len(names)
        for name in names[first:] + names[:first]:
            task = progress.add_task(f"{name}, {repeat + 1} of {arguments.repeats}", total=arguments.messages)
            runs[name].append(_run(context, source, name, commands[name], arguments, partial(progress.advance, task)))
            progress.remove_task(task)
            progress.advance(whole)
    return runs


def _run(
    context: BenchmarkContext,
    source: str,
    name: str,
    command: Callable[[Topics], list[str]],
    arguments: Namespace,
    advance: Callable[[int], None],
) -> BacklogRun:
    topics = new_outputs(context.servers, source)
    with running_process(name, command(topics), context.folder, context.interruption) as process:
        return measure_backlog(process, topics, arguments.messages, arguments.seconds, advance)


def _row(name: str, runs: Sequence[BacklogRun], context: BenchmarkContext) -> TableRow:
    """Return the medians of a system's runs, with accuracy and deferral of the run that labelled most."""
    most = max(runs, key=lambda run: len(run.values))
    scored = score(most.values, context.pool, context.last_stage)
    rates = [run.rate for run in runs]
    return {
        "name": name,
        "messages_per_second": round(median(rates), 1),
        "accuracy": scored.accuracy,
        "deferred_share": scored.deferred_share,
        "scored": scored.scored,
        "slowest": round(min(rates), 1),
        "fastest": round(max(rates), 1),
        "cpu_us": round(median(run.cpu_us for run in runs), 1),
        "rss_mb": round(max(run.rss_mb for run in runs)),
        "start_s": round(median(run.start_s for run in runs), 1),
        "messages": len(most.values),
    }


def _report(rows: Sequence[TableRow], context: BenchmarkContext) -> None:
    """Print the table, and the targets whose systems were measured."""
    figures = {str(r["name"]): {k: float(v) for k, v in r.items() if isinstance(v, int | float)} for r in rows}
    table = new_table("Throughput", *_COLUMNS)
    for name, cells in figures.items():
        speed = cells["messages_per_second"]
        table.add_row(
            name, f"{speed:,.0f}", f"{cells['slowest']:,.0f}", f"{cells['fastest']:,.0f}",
            _ratio(speed, figures.get("echo")), _ratio(speed, figures.get("cascade")),
            f"{cells['accuracy']:.4f}" if "accuracy" in cells else "-", f"{cells['scored']:.0f}",
            f"{cells['deferred_share']:.1%}" if "deferred_share" in cells else "-",
            f"{cells['cpu_us']:,.0f}", f"{cells['rss_mb']:,.0f}", f"{cells['start_s']:.1f}",
        )  # fmt: skip
    context.console.print(table)
    targets = new_table("Targets", "target", "measured", "")
    for target in judge_targets(figures):
        targets.add_row(target.claim, target.measured, "met" if target.met else "missed")
    if targets.row_count:
        context.console.print(targets)


def _ratio(speed: float, other: Mapping[str, float] | None) -> str:
    return f"{speed / other['messages_per_second']:.3f}" if other and other["messages_per_second"] else "-"


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

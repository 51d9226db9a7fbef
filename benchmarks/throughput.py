"""`python -m benchmarks.throughput`: how many tweets a second, the worker's and its peers'."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from rich.progress import Progress

from benchmarks import options
from benchmarks import systems as contenders
from benchmarks.measure import Run, measure
from benchmarks.output import Row, new_table, write_json
from benchmarks.processes import running
from benchmarks.scores import score
from benchmarks.targets import verdicts
from benchmarks.topics import Topics, fill, new_outputs, new_topic
from worker.cli import app
from worker.cli.console import new_console, progress_bar

_DESCRIPTION = f"""\
Fills a topic of 12 partitions with tweets and lets each contender work on it, one after the other on one broker; the
order turns from repeat to repeat, and medians are shown. A contender is a process of its own. Measured is what comes
out, from the first record to the last, by the time at which the broker wrote it (the embedded broker gives no such
time: there it is when it was read); the start is left out. Who is slow is ended after --seconds.

{chr(10).join(f"  {name:<17}{contender.what}" for name, contender in contenders.CONTENDERS.items())}

With the defaults it takes ten minutes or so on two cores."""

_COLUMNS = (
    "row", "messages/s", "from", "to", "x echo", "x cascade", "accuracy", "of", "deferred", "CPU us", "MB", "start s",
)  # fmt: skip


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = options.new_parser("throughput", _DESCRIPTION)
    flag = parser.add_argument
    flag("--rows", default=",".join(contenders.DEFAULT), metavar="A,B,...",
         help="contenders, comma-separated (default: all but faststream_batch)")  # fmt: skip
    flag("--repeats", type=int, default=3, metavar="N", help="runs of each (default: 3)")
    flag("--messages", type=int, default=100_000, metavar="N", help="tweets on the topic (default: 100000)")
    flag("--seconds", type=float, default=10, metavar="S",
         help="longest time for a run, from its first label on (default: 10)")  # fmt: skip
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print, write."""
    names = contenders.chosen(arguments.rows)
    options.require_positive(repeats=arguments.repeats, messages=arguments.messages, seconds=arguments.seconds)
    with options.bench(arguments) as bench:
        commands = contenders.commands(names, bench.artifact, bench.folder)
        source = new_topic(bench.servers, "tweets")
        fill(bench.servers, source, bench.pool.records(arguments.messages))
        with progress_bar(new_console(stderr=True)) as progress:
            runs = all_runs(bench, source, commands, arguments, progress)
        rows = [row(name, found, bench) for name, found in runs.items()]
        report(rows, bench)
        write_json(arguments.json, rows, bench.facts)
    return 0


def all_runs(
    bench: options.Bench,
    source: str,
    commands: Mapping[str, Callable[[Topics], list[str]]],
    arguments: Namespace,
    progress: Progress,
) -> dict[str, list[Run]]:
    """Return each row's runs; each repeat begins with another row."""
    names = list(commands)
    found: dict[str, list[Run]] = {name: [] for name in names}
    whole = progress.add_task("all runs", total=len(names) * arguments.repeats)
    for repeat in range(arguments.repeats):
        first = repeat % len(names)
        for name in names[first:] + names[:first]:
            task = progress.add_task(f"{name}, {repeat + 1} of {arguments.repeats}", total=arguments.messages)
            topics = new_outputs(bench.servers, source)
            with running(name, commands[name](topics), bench.folder, bench.interruption) as process:
                found[name].append(
                    measure(process, topics, arguments.messages, arguments.seconds,
                            lambda count, task=task: progress.advance(task, count))  # type: ignore[misc]
                )  # fmt: skip
            progress.remove_task(task)
            progress.advance(whole)
    return found


def row(name: str, runs: Sequence[Run], bench: options.Bench) -> Row:
    """Return the medians of a row's runs, with accuracy and deferral of the run that labelled most."""
    most = max(runs, key=lambda run: len(run.values))
    judged = score(most.values, bench.pool, bench.last_stage)
    rates = [run.rate for run in runs]
    return {
        "name": name,
        "messages_per_second": round(median(rates), 1),
        "accuracy": judged.accuracy,
        "deferred_share": judged.deferred_share,
        "scored": judged.scored,
        "slowest": round(min(rates), 1),
        "fastest": round(max(rates), 1),
        "cpu_us": round(median(run.cpu_us for run in runs), 1),
        "rss_mb": round(max(run.rss_mb for run in runs)),
        "start_s": round(median(run.start_s for run in runs), 1),
        "messages": len(most.values),
    }


def report(rows: Sequence[Row], bench: options.Bench) -> None:
    """Print the table, and the targets that it can tell of."""
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
    bench.console.print(table)
    goals = new_table("Targets", "target", "measured", "")
    for target in verdicts(figures):
        goals.add_row(target.claim, target.measured, "met" if target.met else "missed")
    if goals.row_count:
        bench.console.print(goals)


def _ratio(speed: float, other: Mapping[str, float] | None) -> str:
    return f"{speed / other['messages_per_second']:.3f}" if other and other["messages_per_second"] else "-"


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

"""`replay`: put dead letters back."""

from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from rich.progress import Progress

from schemas import topics
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.commands.replay.filters import add_filters, read_selection
from worker.commands.replay.table import Tally
from worker.dead_letters import Known, Selection, Verdict, restore
from worker.errors import SettingError
from worker.settings import KafkaSettings
from worker.settings_cli import add_flags, read_settings
from worker.types import Record

if TYPE_CHECKING:
    from worker.kafka import ReplaySink, TopicScan

_CHUNK_RECORDS = 500
_CHUNK_BYTES = 4 * 1024 * 1024

_DESCRIPTION = """\
Puts dead letters back onto the topic and partition they came from, with their own bytes, key and headers, once what
kept them from being labelled is mended. Shows what it would put back; with --yes, does it.

No dead letter is put back twice, not even where a replay was killed: each one and the memory of it, a record of the
topic <dead-letter topic>.replayed, are one transaction. Consumers that read committed records only, as the worker
does, never see what an aborted replay wrote. A record that is bad again becomes a dead letter again and tells how
often it was put back; the next replay leaves it alone, unless --max-replays is raised."""

_EXAMPLES = """
examples:
  python -m worker replay                                         what is there to put back
  python -m worker replay --reason classifier_failure --yes       after a new model
  python -m worker replay --since 2026-11-24T08:00 --until 2026-11-24T09:30 --yes
  python -m worker replay --letters 0:17 --letters 2:100-199 --max 10 --yes
  python -m worker replay --reason invalid_json --to-topic tweets.repair --yes
"""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "replay",
        command,
        help="put dead letters back onto their topics",
        usage="%(prog)s [--yes] [FILTERS] [--to-topic TOPIC] [SETTINGS]",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.add_argument("--yes", action="store_true", help="put them back (default: only show them)")
    parser.add_argument("--to-topic", metavar="TOPIC", help="put them onto this topic instead, for a repair of yours")
    add_filters(parser)
    add_flags(parser, KafkaSettings)


def command(arguments: Namespace) -> int:
    """Show what is to be put back, and put it back where --yes says so."""
    settings, selection = read_settings(KafkaSettings, arguments), read_selection(arguments)
    if arguments.to_topic in {settings.dead_letter_topic, topics.replayed(settings.dead_letter_topic)}:
        raise SettingError(f"--to-topic: {arguments.to_topic} is where the dead letters are")

    from worker.kafka import ReplaySink, TopicScan, replayed_letters, require_topics

    require_topics(settings, [settings.dead_letter_topic, *filter(None, [arguments.to_topic])])
    if not arguments.yes:
        with closing(TopicScan(settings, settings.dead_letter_topic)) as scan:
            tally = _count(scan, selection, replayed_letters(settings), arguments.max)
        _report(tally, "to be put back; --yes does it", arguments)
        return 0
    with (
        closing(ReplaySink(settings)) as sink,
        closing(TopicScan(settings, settings.dead_letter_topic)) as scan,
    ):
        tally = _put_back(scan, selection, replayed_letters(settings), sink, arguments)
    _report(tally, "put back", arguments)
    return 0


def _count(scan: "TopicScan", selection: Selection, known: Known, most: int | None) -> Tally:
    tally = Tally()
    with progress_bar(new_console(stderr=True)) as progress:
        for _ in _taken(_shown(scan, progress), selection, known, tally, most):
            pass
    return tally


def _put_back(scan: "TopicScan", selection: Selection, known: Known, sink: "ReplaySink", arguments: Namespace) -> Tally:
    from worker.kafka import require_topics

    tally, checked = Tally(), {arguments.to_topic}
    with progress_bar(new_console(stderr=True)) as progress:
        taken = _taken(_shown(scan, progress), selection, known, tally, arguments.max)
        for chunk in _chunks(taken):
            messages = [restore(record, arguments.to_topic) for record in chunk]
            wanted = {m.topic for m in messages} - checked
            require_topics(sink.settings, sorted(wanted))
            checked |= wanted
            sink.publish(messages)
    return tally


def _shown(scan: "TopicScan", progress: Progress) -> Iterator[Record]:
    task = progress.add_task("reading dead letters", total=scan.offsets)
    for record in scan:
        yield record
        progress.advance(task)
    progress.update(task, completed=scan.offsets)


def _taken(
    records: Iterable[Record], selection: Selection, known: Known, tally: Tally, most: int | None
) -> Iterator[Record]:
    """Yield the records that are to be put back; count all that are looked at."""

    def wanted() -> Iterator[Record]:
        for record in records:
            verdict = selection.judge(record, known)
            if verdict is Verdict.TAKEN:
                yield record
            else:
                tally.leave(verdict)

    for record in islice(wanted(), most):
        tally.take(record)
        yield record


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield the records in the portions of one transaction each, bounded in number and bytes."""
    chunk, size = list[Record](), 0
    for record in records:
        chunk.append(record)
        size += len(record.value or b"")
        if len(chunk) >= _CHUNK_RECORDS or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _report(tally: Tally, done: str, arguments: Namespace) -> None:
    console = new_console()
    if tally.taken:
        console.print(tally.table(arguments.to_topic))
    console.print(f"{tally.taken:,} {done}", markup=False, soft_wrap=True)
    for line in tally.left():
        console.print(line, style="dim", markup=False, soft_wrap=True)

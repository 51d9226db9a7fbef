"""`replay`: put dead letters back onto the topics they came from."""

from argparse import Namespace
from collections.abc import Container, Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from rich.progress import Progress

from schemas import topics
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.commands.replay.filters import add_filters, read_selection
from worker.commands.replay.table import Tally
from worker.dead_letters import DeadLetterId, ReplayDecision, Selection, restore
from worker.errors import SettingError
from worker.settings import KafkaSettings
from worker.settings_cli import add_flags, read_settings
from worker.types import Record

if TYPE_CHECKING:
    from worker.kafka import ReplaySink, TopicScan

_CHUNK_RECORDS = 500
_CHUNK_BYTES = 4 * 1024 * 1024

_DESCRIPTION = """\
Replays dead letters: puts them back onto the topic and partition they came from, with their own bytes, key and
headers, once the cause is fixed. Without --yes it only counts them.

No dead letter is replayed twice, even if a replay is killed: the record and a note of it, on the topic
<dead-letter topic>.replayed, are one transaction. Consumers that read committed records only, as the worker does,
never see the records of an aborted replay. A record that is bad again is dead-lettered again, with the number of its
replays; the next replay skips it, unless --max-replays is higher."""

_EXAMPLES = """
examples:
  python -m worker replay                                         count what can be replayed
  python -m worker replay --reason classifier_failure --yes       after a new model
  python -m worker replay --since 2026-11-24T08:00 --until 2026-11-24T09:30 --yes
  python -m worker replay --dead-letters 0:17 --dead-letters 2:100-199 --max 10 --yes
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
    parser.add_argument("--yes", action="store_true", help="replay them (default: only count them)")
    parser.add_argument("--to-topic", metavar="TOPIC", help="replay to this topic, such as one that a repair reads")
    add_filters(parser)
    add_flags(parser, KafkaSettings)


def command(arguments: Namespace) -> int:
    """Count the selected dead letters; replay them if --yes is given."""
    settings, selection = read_settings(KafkaSettings, arguments), read_selection(arguments)
    if arguments.to_topic in {settings.dead_letter_topic, topics.replayed(settings.dead_letter_topic)}:
        raise SettingError(f"--to-topic: {arguments.to_topic} is where the dead letters are; name another topic")

    from worker.kafka import ReplaySink, TopicScan, replayed_dead_letters, require_topics

    require_topics(settings, [settings.dead_letter_topic], list(filter(None, [arguments.to_topic])))
    if not arguments.yes:
        with closing(TopicScan(settings, settings.dead_letter_topic)) as scan:
            tally = _count(scan, selection, replayed_dead_letters(settings), arguments.max)
        _report(tally, "can be replayed; --yes replays them", arguments)
        return 0
    with (
        closing(ReplaySink(settings)) as sink,
        closing(TopicScan(settings, settings.dead_letter_topic)) as scan,
    ):
        tally = _replay(scan, selection, replayed_dead_letters(settings), sink, arguments)
    _report(tally, "replayed", arguments)
    return 0


def _count(scan: "TopicScan", selection: Selection, replayed: Container[DeadLetterId], limit: int | None) -> Tally:
    tally = Tally()
    with progress_bar(new_console(stderr=True)) as progress:
        for _ in _selected(_with_progress(scan, progress), selection, replayed, tally, limit):
            pass
    return tally


def _replay(
    scan: "TopicScan",
    selection: Selection,
    replayed: Container[DeadLetterId],
    sink: "ReplaySink",
    arguments: Namespace,
) -> Tally:
    from worker.kafka import require_topics

    tally, existing = Tally(), {arguments.to_topic}
    with progress_bar(new_console(stderr=True)) as progress:
        selected = _selected(_with_progress(scan, progress), selection, replayed, tally, arguments.max)
        for chunk in _chunks(selected):
            messages = [restore(record, arguments.to_topic) for record in chunk]
            if unchecked := {m.topic for m in messages} - existing:
                require_topics(sink.settings, [], sorted(unchecked))
                existing |= unchecked
            sink.publish(messages)
    return tally


def _with_progress(scan: "TopicScan", progress: Progress) -> Iterator[Record]:
    task = progress.add_task("reading dead letters", total=scan.offsets)
    for record in scan:
        yield record
        progress.advance(task)
    progress.update(task, completed=scan.offsets)


def _selected(
    records: Iterable[Record],
    selection: Selection,
    replayed: Container[DeadLetterId],
    tally: Tally,
    limit: int | None,
) -> Iterator[Record]:
    """Yield the selected records, at most `limit`; count them and the skipped ones in `tally`."""

    def passing() -> Iterator[Record]:
        for record in records:
            decision = selection.decide(record, replayed)
            if decision is ReplayDecision.REPLAY:
                yield record
            else:
                tally.skip(decision)

    for record in islice(passing(), limit):
        tally.select(record)
        yield record


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield the records in chunks, one transaction each, of limited number and size."""
    chunk, size = list[Record](), 0
    for record in records:
        chunk.append(record)
        size += len(record.value or b"")
        if len(chunk) >= _CHUNK_RECORDS or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _report(tally: Tally, result: str, arguments: Namespace) -> None:
    console = new_console()
    if tally.selected:
        console.print(tally.table(arguments.to_topic))
    console.print(f"{tally.selected:,} {result}", markup=False, soft_wrap=True)
    for line in tally.skipped():
        console.print(line, style="dim", markup=False, soft_wrap=True)

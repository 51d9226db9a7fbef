"""`produce`: publish a file of tweets."""

import shlex
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, count, islice
from pathlib import Path

from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.cli.sanitize import sanitize
from worker.cli.tweet_files import STDIN, FileSettings, MessageFile, MessageLines
from worker.errors import DataError, SettingError
from worker.files.bad_rows import add_file_flags
from worker.files.tweets import TweetColumns
from worker.formats.assembly import new_reader
from worker.formats.input_settings import InputSettings
from worker.formats.reader import RecordReader
from worker.settings import KafkaSettings
from worker.settings_cli import add_flags, read_settings
from worker.types import Message

_CHUNK = 1000
_DESCRIPTION = """\
Publishes a file of tweets to the input topic; ends when the broker has acknowledged all of them. The whole file is read
before: nothing is published of one that has a bad row, or in which nothing is a tweet. JSON is published as it is."""
_EXAMPLES = """
examples:
  python -m worker produce data/test.csv --rate 100
  python -m worker produce tweets.jsonl.gz
  python -m worker produce export.csv --text-column Message --on-bad-row skip
"""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "produce",
        command,
        help="publish a file of tweets to the input topic",
        usage="%(prog)s [--rate N] [--repeat N] [SETTINGS] FILE",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "file", metavar="FILE",
        help="CSV, TSV, JSON lines, a JSON array, pages of X's API or Parquet, also in .gz or .zip; or - for lines of "
        "JSON from standard input",
    )  # fmt: skip
    add_file_flags(parser)
    parser.add_argument("--rate", type=float, metavar="N", help="tweets per second (default: unlimited)")
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="publish the file N times; 0 for endlessly (default: 1)"
    )
    add_flags(parser, KafkaSettings)


def command(arguments: Namespace) -> int:
    """Publish the file with a progress bar; print the number of tweets."""
    settings = read_settings(KafkaSettings, arguments)
    _check(arguments)
    return _publish_lines(settings, arguments) if arguments.file == STDIN else _publish_file(settings, arguments)


def _publish_file(settings: KafkaSettings, arguments: Namespace) -> int:
    topic, file = settings.one_input_topic(), MessageFile(Path(arguments.file), _file_settings(arguments))
    size = file.check()
    for remark in file.remarks():
        new_console(stderr=True).print(sanitize(remark), markup=False, soft_wrap=True)
    times = count() if size and not arguments.repeat else range(arguments.repeat)
    messages = chain.from_iterable(file.messages(topic) for _ in times)
    sent = _publish(settings, paced(messages, arguments.rate), size * arguments.repeat or None)
    others = file.others * sent // max(size, 1)
    print(f"{_counted(sent, others)} published to {topic}, all acknowledged")
    return 0


def _publish_lines(settings: KafkaSettings, arguments: Namespace) -> int:
    topic, lines = settings.one_input_topic(), MessageLines(_reader(arguments))
    sent = _publish(settings, lines.messages(topic), None)
    if sent and not lines.tweets:
        raise DataError(
            f"none of the {sent:,} published lines is a tweet, the worker makes them dead letters; the first: "
            f"{lines.first_other}"
        )
    print(f"{_counted(sent, lines.others)} published to {topic}, all acknowledged")
    return 0


def _counted(sent: int, others: int) -> str:
    return f"{sent - others} tweets" + (f" and {others} entries that are not tweets" if others else "")


def _publish(settings: KafkaSettings, chunks: Iterator[list[Message]], total: int | None) -> int:
    from worker.kafka import KafkaSink, require_topics

    topic = settings.one_input_topic()
    require_topics(settings, [], [topic])
    sent = 0
    with closing(KafkaSink(settings)) as sink, progress_bar(new_console(stderr=True)) as progress:
        task = progress.add_task(f"publishing to {topic}", total=total)
        for chunk in chunks:
            sink.publish(chunk)
            sent += len(chunk)
            progress.update(task, completed=sent)
    return sent


def _file_settings(arguments: Namespace) -> FileSettings:
    again = shlex.join(["python", "-m", "worker", "produce", arguments.file])
    columns = TweetColumns(arguments.text_column, arguments.id_column, again)
    return FileSettings(columns, arguments.encoding, arguments.on_bad_row, _reader(arguments))


def _reader(arguments: Namespace) -> RecordReader:
    """Return the reader of the worker's settings; a file has no records in the wire format of a Schema Registry."""
    settings = read_settings(InputSettings, arguments)
    return new_reader(settings.model_copy(update={"schema_registry_url": None}))


def _check(arguments: Namespace) -> None:
    if arguments.rate is not None and not 0 < arguments.rate < float("inf"):
        raise SettingError(f"--rate: {arguments.rate:g} tweets per second; it must be a finite number above 0")
    if arguments.repeat < 0:
        raise SettingError(f"--repeat: {arguments.repeat} times; it must be 0 (endlessly) or more")
    if arguments.file == STDIN and (arguments.rate is not None or arguments.repeat != 1):
        raise SettingError("--rate and --repeat are for files; standard input is published once, as it arrives")


def paced(messages: Iterator[Message], rate: float | None) -> Iterator[list[Message]]:
    """Yield the messages in chunks, at most `rate` messages per second; without a limit if it is None."""
    size = _CHUNK if rate is None else max(1, min(_CHUNK, int(rate / 10)))
    start, sent = time.monotonic(), 0
    while chunk := list(islice(messages, size)):
        if rate is not None:
            time.sleep(max(0.0, start + sent / rate - time.monotonic()))
        yield chunk
        sent += len(chunk)

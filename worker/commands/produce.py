"""`produce`: publish a file of tweets."""

import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, count, islice

from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.cli.tweet_files import STDIN, read_messages, read_stdin
from worker.errors import SettingError
from worker.settings import KafkaSettings
from worker.settings_cli import add_flags, read_settings
from worker.types import Message

_CHUNK = 1000


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "produce",
        command,
        help="publish a file of tweets to the input topic",
        usage="%(prog)s [--rate N] [--repeat N] [SETTINGS] FILE",
        description="Publishes a file of tweets to the input topic; ends when the broker has acknowledged all of them.",
    )
    parser.add_argument(
        "file", metavar="FILE",
        help=".csv with the columns id and text, as Kaggle's files have; .jsonl with one tweet per line; or - for JSON "
        "lines from standard input",
    )  # fmt: skip
    parser.add_argument("--rate", type=float, metavar="N", help="tweets per second (default: unlimited)")
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="publish the file N times; 0 for endlessly (default: 1)"
    )
    add_flags(parser, KafkaSettings)


def command(arguments: Namespace) -> int:
    """Publish the file with a progress bar; print the number of tweets."""
    settings = read_settings(KafkaSettings, arguments)
    topic = settings.one_input_topic()
    _check(arguments)
    # Counting reads the whole file: an invalid one is reported before any of it is published.
    size = None if arguments.file == STDIN else sum(1 for _ in read_messages(arguments.file, ""))
    total = size * arguments.repeat or None if size else None

    from worker.kafka import KafkaSink, require_topics

    require_topics(settings, [topic])
    chunks = read_stdin(topic) if size is None else paced(_repeated(arguments, topic, size), arguments.rate)
    sent = 0
    with closing(KafkaSink(settings)) as sink, progress_bar(new_console(stderr=True)) as progress:
        task = progress.add_task(f"publishing to {topic}", total=total)
        for chunk in chunks:
            sink.publish(chunk)
            sent += len(chunk)
            progress.update(task, completed=sent)
    print(f"{sent} tweets published to {topic}, all acknowledged")
    return 0


def _check(arguments: Namespace) -> None:
    if arguments.rate is not None and not 0 < arguments.rate < float("inf"):
        raise SettingError(f"--rate: {arguments.rate:g} tweets per second; it must be a finite number above 0")
    if arguments.repeat < 0:
        raise SettingError(f"--repeat: {arguments.repeat} times; it must be 0 (endlessly) or more")
    if arguments.file == STDIN and (arguments.rate is not None or arguments.repeat != 1):
        raise SettingError("--rate and --repeat are for files; standard input is published once, as it arrives")


def _repeated(arguments: Namespace, topic: str, size: int) -> Iterator[Message]:
    times = count() if size and not arguments.repeat else range(arguments.repeat)
    return chain.from_iterable(read_messages(arguments.file, topic) for _ in times)


def paced(messages: Iterator[Message], rate: float | None) -> Iterator[list[Message]]:
    """Yield the messages in chunks, at most `rate` messages per second; without a limit if it is None."""
    size = _CHUNK if rate is None else max(1, min(_CHUNK, int(rate / 10)))
    start, sent = time.monotonic(), 0
    while chunk := list(islice(messages, size)):
        if rate is not None:
            time.sleep(max(0.0, start + sent / rate - time.monotonic()))
        yield chunk
        sent += len(chunk)

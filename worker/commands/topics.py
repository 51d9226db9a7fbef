"""`topics`: create what is missing."""

from argparse import Namespace
from typing import Any

from worker.cli import app
from worker.settings import KafkaSettings
from worker.settings_cli import add_flags, read_settings


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "topics",
        help="create the topics that are missing",
        usage="%(prog)s [--partitions N] [--replicas N] [SETTINGS]",
        description="Creates those of the three topics that do not exist; leaves the others as they are. "
        "The dead-letter topic takes any record that the worker sends: its max.message.bytes is --max-request-size.",
        formatter_class=app.HelpFormatter,
    )
    parser.add_argument(
        "--partitions", type=int, default=3, metavar="N",
        help="partitions of each; at most as many workers share the load (default: 3)",
    )  # fmt: skip
    parser.add_argument("--replicas", type=int, default=1, metavar="N", help="copies of each (default: 1)")
    add_flags(parser, KafkaSettings)
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Create the topics and say which."""
    settings = read_settings(KafkaSettings, arguments)

    from worker.kafka import create_topics

    names = [settings.input_topic, settings.output_topic, settings.dead_letter_topic]
    shape = (arguments.partitions, arguments.replicas)
    created = create_topics(settings, names[:2], *shape)
    # A dead letter is its record and more, and of any size that the worker sends.
    created += create_topics(settings, names[2:], *shape, {"max.message.bytes": str(settings.max_request_size)})
    for name in names:
        print(f"{name}: {'created' if name in created else 'was there'}")
    return 0

"""`topics`: create the topics that do not exist."""

from argparse import Namespace

from worker.cli import app
from worker.settings import KafkaSettings
from worker.settings_cli import add_flags, read_settings

_DESCRIPTION = """\
Creates the input topics, output and dead-letter topic where they do not exist, and leaves existing ones as they are.
The dead-letter topic accepts records of up to --max-request-size bytes (max.message.bytes)."""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "topics",
        command,
        help="create the topics that do not exist",
        usage="%(prog)s [--partitions N] [--replicas N] [SETTINGS]",
        description=_DESCRIPTION,
    )
    parser.add_argument(
        "--partitions", type=int, default=3, metavar="N",
        help="partitions of each topic; more workers than partitions stand idle (default: 3)",
    )  # fmt: skip
    parser.add_argument("--replicas", type=int, default=1, metavar="N", help="replicas of each partition (default: 1)")
    add_flags(parser, KafkaSettings)


def command(arguments: Namespace) -> int:
    """Create the topics and print which ones were created."""
    settings = read_settings(KafkaSettings, arguments)

    from worker.kafka import create_topics

    names = [*settings.input_topics, settings.output_topic, settings.dead_letter_topic]
    shape = (arguments.partitions, arguments.replicas)
    created = create_topics(settings, names[:-1], *shape)
    # A dead letter is larger than its record, by its headers.
    created += create_topics(settings, names[-1:], *shape, {"max.message.bytes": str(settings.max_request_size)})
    for name in names:
        print(f"{name}: {'created' if name in created else 'already exists'}")
    return 0

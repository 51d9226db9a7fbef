"""`tail`: print the labels as they arrive."""

from argparse import Namespace
from contextlib import closing

from pydantic import ValidationError
from rich.console import Console

from schemas import Label
from worker.cli import app
from worker.cli.console import label_line, new_console
from worker.settings import KafkaSettings
from worker.settings_cli import add_flags, read_settings

_DESCRIPTION = """\
Prints each label of the output topic: class, probability of class 1, the stage that decided, the tweet's id.
It reads without a consumer group, so it does not affect other consumers. Ctrl-C ends it."""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "tail",
        command,
        help="print the labels as they arrive",
        usage="%(prog)s [--from-beginning] [--max N] [--json] [SETTINGS]",
        description=_DESCRIPTION,
    )
    parser.add_argument("--from-beginning", action="store_true", help="start with the oldest label, not the next one")
    parser.add_argument("--max", type=int, metavar="N", help="stop after N labels (default: never)")
    parser.add_argument("--json", action="store_true", help="print the labels as they are, one JSON object per line")
    add_flags(parser, KafkaSettings)


def command(arguments: Namespace) -> int:
    """Print labels until --max is reached."""
    settings = read_settings(KafkaSettings, arguments)

    from worker.kafka import KafkaReader, require_topics

    topic = settings.output_topic
    require_topics(settings, [topic])
    console = new_console()
    seen = 0
    with closing(KafkaReader(settings, [topic], from_beginning=arguments.from_beginning)) as reader:
        while arguments.max is None or seen < arguments.max:
            for record in reader.poll():
                if arguments.max is not None and seen >= arguments.max:
                    break
                _show(console, record.value or b"", as_json=arguments.json)
                seen += 1
    return 0


def _show(console: Console, value: bytes, *, as_json: bool) -> None:
    if as_json:
        print(value.decode(errors="replace"), flush=True)
        return
    try:
        label = Label.model_validate_json(value)
    except ValidationError:
        console.print(f"not a label: {value[:200]!r}", style="dim", markup=False, soft_wrap=True)
    else:
        console.print(label_line(label, str(label.id)), soft_wrap=True)

"""What the project's command lines have in common: help that is pleasant to read, and one line for an error."""

import logging
import os
import signal
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, TypeAlias

from rich_argparse import RawDescriptionRichHelpFormatter

from worker.cli.console import new_console
from worker.errors import CascadeError, UserError
from worker.logs.json_formatter import log_as_json, logs_as_json
from worker.logs.redact import Masking
from worker.logs.throttle import Sparing

log = logging.getLogger(__name__)
Command = Callable[[Namespace], int]
Subcommands: TypeAlias = "_SubParsersAction[ArgumentParser]"
INTERRUPTED = 130  # what shells say of a process ended by Ctrl-C


class HelpFormatter(RawDescriptionRichHelpFormatter):
    """Colours, the text's own line breaks, and brackets that stay brackets."""

    help_markup = False
    text_markup = False


def new_parser(prog: str, description: str, epilog: str | None = None) -> ArgumentParser:
    """Return a parser whose help is formatted as in all of the project's commands."""
    return ArgumentParser(
        prog=prog, description=description, epilog=epilog, formatter_class=HelpFormatter, allow_abbrev=False
    )


def add_command(
    commands: Subcommands,
    name: str,
    command: Command,
    *,
    help: str,  # noqa: A002 (argparse's name)
    description: str,
    usage: str | None = None,
    epilog: str | None = None,
) -> ArgumentParser:
    """Add a subcommand to what `ArgumentParser.add_subparsers` returned; return its parser, for the flags.

    Args:
        commands: the subcommands so far.
        name: as users type it.
        command: runs it: takes the parsed arguments, returns the exit code.
        help: one line, for the list of commands.
        description: for the command's own `--help`.
        usage: replaces the generated usage line.
        epilog: examples, below the flags.

    """
    parser = commands.add_parser(
        name,
        help=help,
        description=description,
        usage=usage,
        epilog=epilog,
        formatter_class=HelpFormatter,
        allow_abbrev=False,  # a guessed flag would be taken for another in silence
    )
    parser.set_defaults(command=command)
    return parser


def main(parser: ArgumentParser, argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name (its `command` default); return the exit code."""
    try:
        arguments = parser.parse_args(argv)
        return int(arguments.command(arguments))
    except CascadeError as error:
        _tell(error)
        return 2 if isinstance(error, UserError) else 1
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BaseException as error:
        if not _interrupted(error):
            raise
        return INTERRUPTED


def _tell(error: CascadeError) -> None:
    if logs_as_json():
        log.error("%s", error)
    else:
        new_console(stderr=True).print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)


def _interrupted(error: BaseException | None) -> bool:
    """Tell whether Ctrl-C is behind an exception: TensorFlow's context managers raise others while it unwinds."""
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def leave(code: int) -> NoReturn:
    """End the process. Nothing is left to clear away: a signal that comes now need not say where it struck."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    sys.exit(code)


@contextmanager
def on_signals(handle: Callable[[int], None], *numbers: signal.Signals) -> Iterator[None]:
    """Handle the signals for the length of a `with`."""
    before = {number: signal.signal(number, lambda n, _frame: handle(n)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def configure_logging(level: str, form: str, secrets: Sequence[str] = ()) -> None:
    """Log to stderr, as `text` or as `json`, secrets masked.

    Of kafka-python only what is from warnings up, and each kind once a minute, unless debugging.
    """
    handler, sparing = logging.StreamHandler(), Sparing()
    if level != "debug":
        handler.addFilter(lambda record: not record.name.startswith("kafka.") or sparing.filter(record))
    handler.addFilter(Masking(secrets))
    logging.getLogger("kafka").setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[handler]
    )
    if form == "json":
        log_as_json()

"""Command-line applications: parsers, commands, exit codes."""

import logging
import os
import signal
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn, TypeAlias

from rich_argparse import RawDescriptionRichHelpFormatter

from worker.cli.console import new_console
from worker.errors import CascadeError, UserError
from worker.logs.setup import logs_json, redacted

log = logging.getLogger(__name__)
Command = Callable[[Namespace], int]
Subcommands: TypeAlias = "_SubParsersAction[ArgumentParser]"
INTERRUPTED = 130  # the shells' exit code for a process that Ctrl-C ended


class HelpFormatter(RawDescriptionRichHelpFormatter):
    """Colors; line breaks and brackets of the text stay as they are."""

    help_markup = False
    text_markup = False


def new_parser(prog: str, description: str, epilog: str | None = None) -> ArgumentParser:
    """Return a parser in the style of all of the project's commands."""
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
    """Add a subcommand to the result of `ArgumentParser.add_subparsers`; return its parser, to add flags to.

    Args:
        commands: the subcommands so far.
        name: the command's name.
        command: takes the parsed arguments, returns the exit code.
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
        allow_abbrev=False,  # an abbreviation may mean another flag in the next version
    )
    parser.set_defaults(command=command)
    return parser


def main(parser: ArgumentParser, argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name (its `command` default); return the exit code.

    It is 2 for a UserError, 1 for any other CascadeError, 130 for Ctrl-C, 0 if the reader of a pipe closed it.
    """
    try:
        arguments = parser.parse_args(argv)
        code = int(arguments.command(arguments))
        sys.stdout.flush()
        return code
    except CascadeError as error:
        _report(error)
        return 2 if isinstance(error, UserError) else 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BaseException as error:
        if not _is_interrupt(error):
            raise
        return INTERRUPTED


def run(parser: ArgumentParser, argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command as `main` does, and end the process without waiting for its threads.

    A model that hangs in a thread of a pool would keep a failed process alive. Not daemon threads: one that computes
    while Python and the libraries are torn down can crash the process, which hides its exit code.
    """
    try:
        code = main(parser, argv)
    except Exception:
        sys.excepthook(*sys.exc_info())
        code = 1
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # the reader of a pipe closed it
            stream.flush()
    os._exit(code)


def _report(error: CascadeError) -> None:
    if logs_json():
        log.error("%s", error)
    else:
        text = f"error: {redacted(str(error))}"
        new_console(stderr=True).print(text, style="red", markup=False, highlight=False, soft_wrap=True)


def _is_interrupt(error: BaseException | None) -> bool:
    """Return whether Ctrl-C caused an exception: TensorFlow's context managers raise others while it unwinds."""
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def leave(code: int) -> NoReturn:
    """End the process. A signal that comes from now on ends it at once, without a traceback: no clean-up is left."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    sys.exit(code)

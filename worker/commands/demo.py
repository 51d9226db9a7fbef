"""`demo`: say where the demo lives."""

from argparse import Namespace
from typing import Any

from worker.cli import app
from worker.errors import SettingError

_WHERE = """\
The demo starts an embedded broker, trains a cascade and plays a stream of tweets. It is not part of the worker:
run `make demo`, or `python -m deploy.demo`, in a checkout of the project."""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "demo", help="say where the demo lives", description=_WHERE, formatter_class=app.HelpFormatter
    )
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:  # noqa: ARG001 (it takes no flags)
    """Point to the demo.

    Raises:
        SettingError: always.

    """
    raise SettingError("the demo is not part of the worker: run `make demo` in a checkout of the project")

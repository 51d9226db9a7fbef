"""`demo`: point to the demo."""

from argparse import Namespace

from worker.cli import app
from worker.errors import SettingError

_WHERE = """\
The demo starts an embedded broker, trains a cascade and labels a stream of tweets. It is not part of the worker:
run `make demo`, or `python -m deploy.demo`, in a checkout of the project."""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    app.add_command(commands, "demo", command, help="say where the demo is", description=_WHERE)


def command(arguments: Namespace) -> int:  # noqa: ARG001 (it takes no flags)
    """Point to the demo.

    Raises:
        SettingError: always.

    """
    raise SettingError("the demo is not part of the worker: run `make demo` in a checkout of the project")

"""`health`: ask a running worker how it is, as a container's HEALTHCHECK does."""

import urllib.error
import urllib.request
from argparse import Namespace
from typing import Any

from worker.cli import app
from worker.errors import CascadeError, SettingError
from worker.settings import HttpSettings
from worker.settings_cli import add_flags, read_settings

_SECONDS = 5
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 (where a worker may listen)

_DESCRIPTION = """\
Asks the worker on this machine whether it is alive, or with --ready whether it is ready. Exit code 0 says yes; 1 says
no, or that nothing answers, and prints why. It needs the settings that the worker has: in a container,

  HEALTHCHECK --start-period=60s CMD ["python", "-m", "worker", "health"]"""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "health",
        help="ask a running worker how it is",
        usage="%(prog)s [--ready] [SETTINGS]",
        description=_DESCRIPTION,
        formatter_class=app.HelpFormatter,
    )
    parser.add_argument("--ready", action="store_true", help="ask /readyz; without it, /livez")
    add_flags(parser, HttpSettings)
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Print the worker's answer; exit code 0 where it is well."""
    settings = read_settings(HttpSettings, arguments)
    if not settings.metrics_port:
        raise SettingError("--metrics-port: 0 lets the worker choose; name the port that it logged")
    host = _ANY.get(settings.metrics_host, settings.metrics_host)
    address = f"[{host}]" if ":" in host else host
    print(_ask(f"http://{address}:{settings.metrics_port}/{'readyz' if arguments.ready else 'livez'}"))
    return 0


def _ask(url: str) -> str:
    """Return the answer of a worker that is well.

    Raises:
        CascadeError: it is not, or does not answer.

    """
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy does not lead to this machine
    try:
        with direct.open(url, timeout=_SECONDS) as answer:
            return str(answer.read().decode().strip())
    except urllib.error.HTTPError as error:
        with error:
            raise CascadeError(f"{url}: {'; '.join(error.read().decode().splitlines())}") from error
    except OSError as error:
        raise CascadeError(f"no worker answers at {url}: {getattr(error, 'reason', error)}") from error

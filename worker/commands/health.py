"""`health`: query the health of a running worker, as a container's HEALTHCHECK does."""

import urllib.error
import urllib.request
from argparse import Namespace

from worker.cli import app
from worker.errors import CascadeError, SettingError
from worker.settings import HttpSettings
from worker.settings_cli import add_flags, read_settings

_TIMEOUT_S = 5
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 (addresses that a worker may listen on)

_DESCRIPTION = """\
Queries the worker on this machine: is it alive, or with --ready, is it ready? The exit code is 0 for yes; 1 for no, or
if nothing answers, with the reasons. It needs the same settings as the worker. In a container:

  HEALTHCHECK --start-period=60s CMD ["python", "-m", "worker", "health"]"""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "health",
        command,
        help="query the health of a running worker",
        usage="%(prog)s [--ready] [SETTINGS]",
        description=_DESCRIPTION,
    )
    parser.add_argument("--ready", action="store_true", help="query /readyz (default: /livez)")
    add_flags(parser, HttpSettings)


def command(arguments: Namespace) -> int:
    """Print the worker's answer; return 0 if it is healthy."""
    settings = read_settings(HttpSettings, arguments)
    if not settings.metrics_port:
        raise SettingError("--metrics-port: with 0 the worker chooses a port; pass the port that it logged")
    host = _ANY.get(settings.metrics_host, settings.metrics_host)
    address = f"[{host}]" if ":" in host else host
    print(_ask(f"http://{address}:{settings.metrics_port}/{'readyz' if arguments.ready else 'livez'}"))
    return 0


def _ask(url: str) -> str:
    """Return the answer of a healthy worker.

    Raises:
        CascadeError: the worker is not healthy, or does not answer.

    """
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy cannot reach this machine
    try:
        with direct.open(url, timeout=_TIMEOUT_S) as answer:
            return str(answer.read().decode().strip())
    except urllib.error.HTTPError as error:
        with error:
            raise CascadeError(f"{url}: {'; '.join(error.read().decode().splitlines())}") from error
    except OSError as error:
        raise CascadeError(f"no worker answers at {url}: {getattr(error, 'reason', error)}") from error

"""The HTTP server of /metrics, /livez and /readyz."""

import io
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from worker.errors import SettingError

log = logging.getLogger(__name__)
Check = Callable[[], list[str]]
"""Returns the problems; empty where all is well."""
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
"""A WSGI application."""


@contextmanager
def serving(
    registry: CollectorRegistry, checks: Mapping[str, Check], host: str, port: int, notes: Check = list
) -> Iterator[int]:
    """Serve `/metrics` and the checks' paths for the length of a `with`; yield the port, a free one for port 0.

    A check answers 200 with "ok" and a line for each note, or 503 with a line for each problem.

    Raises:
        SettingError: the address is in use or does not belong to this machine.

    """
    try:
        app = _logging_failures(_app(registry, checks, notes))
        server = make_server(host, port, app, _server_class(host), _Silent)
    except OSError as error:
        raise SettingError(
            f"cannot serve metrics on {host}:{port} ({error.strerror or error}); "
            "choose another with --metrics-port or CASCADE_METRICS_PORT, 0 for any free one"
        ) from error
    with server:
        threading.Thread(target=server.serve_forever, args=(0.05,), name="http", daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


class _Silent(WSGIRequestHandler):
    timeout = 10  # seconds: a silent client must not hold a thread for ever

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Log nothing: the worker writes the log."""

    def get_stderr(self) -> io.StringIO:
        """Return where the library prints the traceback of a client that stopped reading: nowhere."""
        return io.StringIO()


class _Server(ThreadingWSGIServer):
    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 (the library's signature)
        """Log what a probe or a client that goes away causes; the library would print a traceback."""
        log.debug("the connection of %s ended early: %r", client_address, sys.exception())


class _IPv6Server(_Server):
    address_family = socket.AF_INET6


def _server_class(host: str) -> type[_Server]:
    return _IPv6Server if ":" in host else _Server


def _logging_failures(app: App) -> App:
    """Return the application, with its exceptions in the log; the client gets a 500."""

    def logging_app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except Exception:
            log.exception("cannot answer a request for %s", environ["PATH_INFO"])
            raise

    return logging_app


def _app(registry: CollectorRegistry, checks: Mapping[str, Check], notes: Check) -> App:
    metrics = make_wsgi_app(registry)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in {"/metrics", "/"}:
            return metrics(environ, start_response)  # type: ignore[no-any-return]
        if path not in checks:
            return _answer(start_response, HTTPStatus.NOT_FOUND, [f"there are {', '.join(['/metrics', *checks])}"])
        problems = checks[path]()
        status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
        return _answer(start_response, status, problems or ["ok", *notes()])

    return app


def _answer(start_response: Callable[..., Any], status: HTTPStatus, lines: list[str]) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
    start_response(f"{status.value} {status.phrase}", headers)
    return ["".join(f"{line}\n" for line in lines).encode()]

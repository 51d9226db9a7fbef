"""The registry of a process, and the HTTP server that shows it and the worker's health."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from worker.errors import SettingError

Check = Callable[[], list[str]]
"""Returns what is wrong; nothing where all is well."""


def new_registry() -> CollectorRegistry:
    """Return a registry that knows of this process: its memory, CPU time, open files and Python."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry


@contextmanager
def serving(registry: CollectorRegistry, checks: Mapping[str, Check], host: str, port: int) -> Iterator[int]:
    """Serve `/metrics` and the checks' paths for the length of a `with`; give the port, chosen where 0 was asked for.

    A check answers 200 with "ok", or 503 with a line for each thing that is wrong.

    Raises:
        SettingError: the address is taken or not this machine's.

    """
    try:
        server = make_server(host, port, _app(registry, checks), _server_class(host), _Silent)
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
    timeout = 10  # a client that says nothing holds no thread for ever

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Leave the log to the worker."""


def _server_class(host: str) -> type[ThreadingWSGIServer]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return type("_Server", (ThreadingWSGIServer,), {"address_family": family})


def _app(registry: CollectorRegistry, checks: Mapping[str, Check]) -> Callable[..., Iterable[bytes]]:
    metrics = make_wsgi_app(registry)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in {"/metrics", "/"}:
            return metrics(environ, start_response)  # type: ignore[no-any-return]
        if path not in checks:
            return _answer(start_response, HTTPStatus.NOT_FOUND, [f"there are {', '.join(['/metrics', *checks])}"])
        problems = checks[path]()
        status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
        return _answer(start_response, status, problems or ["ok"])

    return app


def _answer(start_response: Callable[..., Any], status: HTTPStatus, lines: list[str]) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
    start_response(f"{status.value} {status.phrase}", headers)
    return ["".join(f"{line}\n" for line in lines).encode()]

"""The HTTP server of /metrics, /livez and /readyz, and the registry behind it."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.metrics_core import Metric

from worker.errors import SettingError

Check = Callable[[], list[str]]
"""Returns the problems; empty where all is well."""


def new_registry() -> CollectorRegistry:
    """Return a registry with the metrics of this process: memory, CPU time, open files, Python."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry


class _LabelledCollector:
    """Collects from a registry and adds labels to each series; a series' own label wins."""

    def __init__(self, registry: CollectorRegistry, labels: Mapping[str, str]) -> None:
        self._registry, self._labels = registry, labels

    def describe(self) -> Iterable[Metric]:
        """Return nothing: names only matter where two collectors could clash."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Return the registry's metrics with the labels."""
        for metric in self._registry.collect():
            found = Metric(metric.name, metric.documentation, metric.type, metric.unit)
            found.samples = [
                sample._replace(labels={**self._labels, **sample.labels})
                for sample in metric.samples
                if not sample.name.endswith("_created")  # a further series each, which nobody reads
            ]
            yield found


class _Selection:
    """The samples of a collector that have one of these names."""

    def __init__(self, collector: _LabelledCollector, names: Iterable[str]) -> None:
        self._collector, self._names = collector, set(names)

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics that have such samples, with these samples only."""
        for metric in self._collector.collect():
            metric.samples = [sample for sample in metric.samples if sample.name in self._names]
            if metric.samples:
                yield metric


class _LabelledRegistry(CollectorRegistry):
    """Shows a labelled collector; it selects names itself, since the collector describes none beforehand."""

    def __init__(self, collector: _LabelledCollector) -> None:
        super().__init__()
        self._collector = collector
        self.register(collector)

    def restricted_registry(self, names: Iterable[str]) -> Any:  # noqa: ANN401 (the base class's type, without its collectors)
        """Return what `/metrics?name[]=NAME` shows."""
        return _Selection(self._collector, names)


def labelled(registry: CollectorRegistry, labels: Mapping[str, str]) -> CollectorRegistry:
    """Return a registry that shows another one's metrics with these labels added to all series."""
    return _LabelledRegistry(_LabelledCollector(registry, labels))


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
        server = make_server(host, port, _app(registry, checks, notes), _server_class(host), _Silent)
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


def _server_class(host: str) -> type[ThreadingWSGIServer]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return type("_Server", (ThreadingWSGIServer,), {"address_family": family})


def _app(registry: CollectorRegistry, checks: Mapping[str, Check], notes: Check) -> Callable[..., Iterable[bytes]]:
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

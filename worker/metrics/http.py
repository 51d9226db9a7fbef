"""The registry of a process, and the HTTP server that shows it."""

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, start_http_server

from worker.errors import SettingError


def new_registry() -> CollectorRegistry:
    """Return a registry that knows of this process: its memory, CPU time, open files and Python."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry


def serve(registry: CollectorRegistry, host: str, port: int) -> int:
    """Serve `/metrics` in a thread; return the port, which the system chose where 0 was asked for.

    Raises:
        SettingError: the address is taken or not this machine's.

    """
    try:
        server, _ = start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise SettingError(
            f"cannot serve metrics on {host}:{port} ({error.strerror or error}); "
            "choose another with --metrics-port or CASCADE_METRICS_PORT, 0 for any free one"
        ) from error
    return int(server.server_port)

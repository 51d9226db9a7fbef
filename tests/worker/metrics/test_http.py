"""The HTTP server of metrics and health: what clients do to it, and what it logs of that."""

import logging
import socket
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from tests.kafka.support.waiting import wait_until
from worker.metrics import new_registry, serving
from worker.metrics.http import _Silent

REQUEST = b"GET /long HTTP/1.1\r\n\r\n"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Return the port of an impatient server; it has a check that is broken, and one with a long answer."""
    monkeypatch.setattr(_Silent, "timeout", 2)
    checks = {"/broken": lambda: [str(1 // 0)], "/long": lambda: ["x" * 20_000_000]}
    with serving(new_registry(), checks, "127.0.0.1", 0) as port:
        yield port


def connect_and_reset(port: int) -> None:
    """Close a connection with RST at once, as port scanners and load balancers do."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def send_nothing(port: int) -> None:
    """Keep a connection open until the server closes it."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        assert client.recv(1) == b""


def read_nothing(port: int) -> None:
    """Ask for a long answer and never read it, until the server gives up."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(REQUEST)
        wait_until(lambda: client.recv(1, socket.MSG_PEEK) == b"H", 30, lambda: "no answer")
        wait_until(lambda: not requests(), 30, lambda: f"still at work: {requests()}")


def requests() -> list[threading.Thread]:
    """Return the threads that answer requests."""
    return [thread for thread in threading.enumerate() if "process_request_thread" in thread.name]


@pytest.mark.parametrize("client", [connect_and_reset, send_nothing, read_nothing])
def test_a_probe_or_a_slow_client_is_not_a_warning(
    client: Callable[[int], None], port: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """17 lines of traceback a probe hid the worker's own log, and were not JSON under --log-format json."""
    caplog.set_level(logging.DEBUG)
    client(port)
    with urllib.request.urlopen(
        f"http://127.0.0.1:{port}/metrics", timeout=30
    ) as answer:  # the client's turn was before
        assert answer.status == 200
    wait_until(lambda: not requests(), 30, lambda: f"still at work: {requests()}")
    assert capfd.readouterr().err == ""
    assert [r for r in caplog.records if r.levelno > logging.DEBUG or r.exc_info] == []


def test_a_broken_check_is_logged(
    port: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A fault of the worker itself keeps its traceback, as one record of the log."""
    with pytest.raises(urllib.error.HTTPError, match="500"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/broken", timeout=10)
    [record] = caplog.records
    assert (record.getMessage(), record.exc_info and record.exc_info[0]) == (
        "cannot answer a request for /broken",
        ZeroDivisionError,
    )
    assert capfd.readouterr().err == ""

"""Servers that cannot be followed, at the first connection."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import URLError

import pytest
from websockets.sync.server import ServerConnection

from tests.worker.follow.fakes import event
from tests.worker.follow.servers import websocket_server
from tests.worker.follow.test_follower import StoppingSink
from worker.errors import SettingError
from worker.follow.backoff import Backoff
from worker.follow.bluesky import Jetstream
from worker.follow.follower import Destination, Follower
from worker.follow.mastodon import Mastodon
from worker.follow.post import Connection, Filter, Stream
from worker.follow.resume import Progress
from worker.follow.wrong_server import WrongServerError
from worker.metrics import FollowMetrics, new_registry

UNKNOWN_HOST = socket.gaierror(socket.EAI_NONAME, "Name or service not known")


class Failing(Jetstream):
    """A stream whose first attempts fail with these errors."""

    def __init__(self, servers: str, *errors: Exception) -> None:
        super().__init__(servers, 1000)
        self.errors = list(errors)

    @contextmanager
    def connect(self, cursor: int | None) -> Iterator[Connection]:
        """Fail, or connect."""
        if self.errors:
            raise self.errors.pop(0)
        with super().connect(cursor) as connection:
            yield connection


def follow(stream: Stream) -> StoppingSink:
    """Follow a stream until the post 0 is published, with hardly a pause between attempts."""
    sink = StoppingSink(event(0).encode())
    destination, metrics = Destination(sink, "tweets", 1000), FollowMetrics(new_registry())
    sink.follower = Follower(stream, destination, Progress(None), Filter(), metrics, Backoff(0.001, 0.001))
    sink.follower.run()
    return sink


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UNKNOWN_HOST, "--server .CASCADE_SERVER.: the host was not found; name a host"),
        (URLError(UNKNOWN_HOST), "the host was not found"),
        (WrongServerError("no streaming API"), "no streaming API; name a host"),
        (ssl.SSLCertVerificationError(1, "Hostname mismatch"), "Hostname mismatch"),
    ],
)
def test_a_wrong_address_ends_the_command(error: Exception, message: str) -> None:
    """A mistyped host is one line, not an attempt a minute for ever."""
    with pytest.raises(SettingError, match=message):
        follow(Failing("ws://x", error))


def test_every_server_is_tried_first() -> None:
    """One of several may be gone; only where none is right the command ends."""
    with websocket_server(lambda connection, _number, _query: connection.send(event(0))) as url:
        assert follow(Failing(f"{url},{url}", UNKNOWN_HOST)).values == [event(0).encode()]
    with pytest.raises(SettingError, match="404"):
        follow(Failing("ws://x,ws://y", UNKNOWN_HOST, WrongServerError("HTTP 404")))


@pytest.mark.parametrize(
    "errors",
    [
        [ConnectionRefusedError(), TimeoutError(), OSError("HTTP 503")],
        [socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")],
    ],
)
def test_an_outage_is_waited_out(errors: list[Exception]) -> None:
    """A server that is down for now is not a mistake of the user."""
    with websocket_server(lambda connection, _number, _query: connection.send(event(0))) as url:
        assert follow(Failing(url, *errors)).values == [event(0).encode()]


def test_after_a_connection_a_wrong_answer_is_a_cut() -> None:
    """A proxy that answers 404 while its server restarts does not end a command that runs for weeks."""

    def play(connection: ServerConnection, number: int, _query: dict[str, str]) -> None:
        if number == 0:
            stream.errors = [UNKNOWN_HOST, WrongServerError("HTTP 404")]
        else:
            connection.send(event(0))

    with websocket_server(play) as url:
        stream = Failing(url)
        assert follow(stream).values == [event(0).encode()]


@contextmanager
def answering(status: int, body: bytes, version: str = "HTTP/1.1") -> Iterator[str]:
    """Serve the same answer to every request; yield the host and port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = version

        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("status", [200, 400, 404, 410])
def test_a_web_server_is_not_jetstream(status: int) -> None:
    """Whatever a server answers instead of a WebSocket, the message has the address and the status."""
    with (
        answering(status, b"<html>") as host,
        pytest.raises(SettingError, match=f"{host}.* answers with HTTP {status}"),
    ):
        follow(Jetstream(f"ws://{host}", 1000))


def test_a_server_of_an_old_protocol_is_not_jetstream() -> None:
    """What is not even HTTP/1.1 can never be a WebSocket."""
    with answering(200, b"", "HTTP/1.0") as host, pytest.raises(SettingError, match="does not speak WebSocket"):
        follow(Jetstream(f"ws://{host}", 1000))


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [(404, b"", "404"), (200, b"<html>", "is it a Mastodon server"), (200, b"{}", "is it a Mastodon server")],
)
def test_a_web_server_is_not_mastodon(status: int, body: bytes, message: str) -> None:
    """Another server's 404 says that it is the wrong one, and so does an answer of another kind."""
    with answering(status, body) as host, pytest.raises(SettingError, match=message):
        follow(Mastodon(f"http://{host}", None))


def test_invalid_messages_are_one_warning_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """A stream of another kind does not fill the disk with its log."""

    def play(connection: ServerConnection, _number: int, _query: dict[str, str]) -> None:
        for n in range(50):
            connection.send(f"garbage {n}")
        connection.send(event(0))

    with websocket_server(play) as url:
        follow(Jetstream(url, 1000))
    found = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert len(found) == 1

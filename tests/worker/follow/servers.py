"""Local servers that speak the protocols of Jetstream and of Mastodon."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

Play = Callable[[ServerConnection, int, dict[str, str]], None]
"""Serves one connection: the connection, its number from 0, the parameters of its address."""


@contextmanager
def websocket_server(play: Play, token: str | None = None) -> Iterator[str]:
    """Serve a script for each connection; yield the ws:// address; refuse clients without the token."""
    numbers, lock = iter(range(1_000)), threading.Lock()

    def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        query = {name: values[0] for name, values in parse_qs(urlsplit(connection.request.path).query).items()}
        with lock:
            number = next(numbers)
        play(connection, number, query)

    def check(connection: ServerConnection, request: Request) -> Response | None:
        if token is None or request.headers.get("Authorization") == f"Bearer {token}":
            return None
        return connection.respond(401, "no")

    with serve(handle, "127.0.0.1", 0, process_request=check) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()


@contextmanager
def rest_server(
    streaming: str, statuses: Callable[[], list[dict[str, object]]], *, ignores_min_id: bool = False
) -> Iterator[str]:
    """Serve Mastodon's REST API: the instance, and the public timeline of the statuses."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer."""
            query = parse_qs(urlsplit(self.path).query)
            if self.path == "/api/v2/instance":
                body: object = {"configuration": {"urls": {"streaming": streaming}}}
            else:
                above = [s for s in statuses() if ignores_min_id or int(str(s["id"])) > int(query["min_id"][0])]
                body = above[: int(query["limit"][0])][::-1]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()

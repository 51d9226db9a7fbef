"""A token endpoint for client credentials; its tokens are unsecured JWTs, which Kafka accepts for tests."""

import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CLIENT, SECRET = "tweets", "s3cret-of-the-client"


def unsecured_token(subject: str, lifetime_s: float) -> str:
    """Return a JSON Web Token without a signature."""
    now = time.time()
    parts = {"alg": "none"}, {"sub": subject, "scope": "kafka", "iat": now, "exp": now + lifetime_s}
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


@dataclass
class TokenServer:
    """What the endpoint answers, which tests change, and what it was asked."""

    url: str = ""
    lifetime_s: float = 3600
    answer: tuple[int, Any] | None = None
    """Status and body instead of a token."""
    forms: list[Mapping[str, list[str]]] = field(default_factory=list)

    def respond(self, authorization: str, form: Mapping[str, list[str]]) -> tuple[int, Any]:
        """Return status and body."""
        self.forms.append(form)
        if self.answer:
            return self.answer
        login = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if login != f"{CLIENT}:{SECRET}":
            return 401, {"error": "invalid_client", "error_description": "wrong secret"}
        token = unsecured_token(CLIENT, self.lifetime_s)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime_s}


@contextmanager
def token_server(context: ssl.SSLContext | None = None) -> Iterator[TokenServer]:
    """Serve tokens on loopback, with TLS if a context is given."""
    served = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, body = served.respond(self.headers.get("Authorization", ""), form)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        served.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}/token"
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()

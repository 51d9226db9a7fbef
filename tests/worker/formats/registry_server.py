"""A Schema Registry in this process: the part of Confluent's HTTP API that its clients use."""

import base64
import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Registry(ThreadingHTTPServer):
    """Holds schemas by their number.

    Args:
        login: `user:password` that requests must send, if any.
        context: for TLS; None for none.

    Attributes:
        schemas: as they were registered; the id is the place, from 1.
        fetched: ids of the schemas that were asked for, in order.
        descriptors: whether Protobuf's schemas are sent as descriptors where a client asks for that.

    """

    def __init__(self, login: str | None = None, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.login, self.scheme = login, "https" if context else "http"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.schemas: list[dict[str, Any]] = []
        self.fetched: list[int] = []
        self.subjects: dict[str, int] = {}
        self.descriptors: dict[int, str] = {}
        self.down = False

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def add(self, subject: str, schema: dict[str, Any]) -> int:
        """Register a schema; return its id."""
        if schema not in self.schemas:
            self.schemas.append(schema)
        self.subjects[subject] = self.schemas.index(schema) + 1
        return self.subjects[subject]


def guid(number: int) -> str:
    """Return a schema's GUID, which holds its number."""
    return str(uuid.UUID(int=number))


class _Handler(BaseHTTPRequestHandler):
    server: Registry

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Log nothing."""

    def do_GET(self) -> None:
        """Answer with types, a schema, or a subject's version."""
        path = urlsplit(self.path)
        parts = path.path.strip("/").split("/")
        if parts == ["schemas", "types"]:
            return self._answer(200, ["AVRO", "JSON", "PROTOBUF"])
        if parts[:2] == ["schemas", "ids"]:
            self.server.fetched.append(int(parts[2]))
            return self._schema(int(parts[2]), parse_qs(path.query).get("format", [""])[0], {})
        if parts[:2] == ["schemas", "guids"]:
            number = uuid.UUID(parts[2]).int
            self.server.fetched.append(number)
            return self._schema(number, parse_qs(path.query).get("format", [""])[0], {})
        if parts[0] == "subjects" and parts[1] in self.server.subjects:
            number = self.server.subjects[parts[1]]
            return self._schema(number, "serialized", {"subject": parts[1], "version": 1, "id": number})
        return self._answer(404, {"error_code": 40401, "message": "not found"})

    def do_POST(self) -> None:
        """Register a schema, or look it up."""
        schema = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        subject = self.path.split("/")[2].split("?")[0]
        kept = {"schema": schema["schema"], "schemaType": schema.get("schemaType", "AVRO")}
        number = self.server.add(subject, {**kept, "references": schema.get("references") or []})
        self._answer(200, {"id": number, "guid": guid(number), "subject": subject, "version": 1, **kept})

    def _schema(self, number: int, form: str, more: dict[str, Any]) -> None:
        if not 0 < number <= len(self.server.schemas):
            return self._answer(404, {"error_code": 40403, "message": "Schema not found"})
        schema = self.server.schemas[number - 1]
        if form == "serialized" and number in self.server.descriptors:
            schema = {**schema, "schema": self.server.descriptors[number]}
        return self._answer(200, {**schema, "guid": guid(number), **more})

    def _answer(self, code: int, body: object) -> None:
        expected = self.server.login and f"Basic {base64.b64encode(self.server.login.encode()).decode()}"
        if expected and self.headers.get("Authorization") != expected:
            code, body = 401, {"error_code": 401, "message": "Unauthorized"}
        if self.server.down:
            code, body = 500, {"error_code": 50001, "message": "down"}
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def running(login: str | None = None, context: ssl.SSLContext | None = None) -> Iterator[Registry]:
    """Serve a registry for the length of a `with`."""
    with Registry(login, context) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()

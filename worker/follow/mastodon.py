"""Mastodon's streaming API: statuses over a WebSocket, and over REST those that a cut connection has missed.

A status' id begins with the time of its creation, in milliseconds, above 16 bits. The REST API answers with the
statuses above an id, oldest first (`min_id`): https://docs.joinmastodon.org/methods/timelines/#public. A status of
another server may arrive late, below ids that are known: so resume some minutes early.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from urllib.parse import urlencode

import msgspec

from worker.errors import SettingError
from worker.follow.post import Connection, NotAPostError, Post
from worker.follow.websocket import WebSocketConnection, open_websocket
from worker.follow.wrong_server import WrongServerError

OVERLAP_MS = 120_000
_PAGE = 40  # the API's maximum
_TIMEOUT_S = 20
_REFUSED = (401, 403, 422)


class _Message(msgspec.Struct):
    event: str = ""
    payload: str = ""
    error: str = ""


class _Status(msgspec.Struct):
    id: str
    content: str = ""
    spoiler_text: str = ""
    language: str | None = None


_MESSAGE, _STATUS = msgspec.json.Decoder(_Message), msgspec.json.Decoder(_Status)
_STATUSES = msgspec.json.Decoder(list[msgspec.Raw])


class Mastodon:
    """The public timeline of a Mastodon server.

    Args:
        server: host name, or an http:// address.
        token: access token; most servers stream to nobody without one.

    """

    repeats = False
    servers = 1

    def __init__(self, server: str, token: str | None) -> None:
        self._base = (server if "://" in server else f"https://{server}").rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.name = f"mastodon:{self._base.partition('://')[2]}"

    @contextmanager
    def connect(self, cursor: int | None) -> Iterator[Connection]:
        """Connect; what was missed is read over REST once the stream is open, so that nothing lies between."""
        url = f"{self._streaming_address()}/api/v1/streaming?stream=public"
        with open_websocket(url, self._headers) as stream:
            yield _Resumed(self, stream, cursor)

    def _streaming_address(self) -> str:
        """Return the address of the streaming API, which may be another host's."""
        try:
            instance = json.loads(self._get("/api/v2/instance"))
            return str(instance["configuration"]["urls"]["streaming"]).rstrip("/")
        except (KeyError, TypeError, ValueError) as error:
            raise WrongServerError(
                f"{self._base}/api/v2/instance names no streaming API; is it a Mastodon server?"
            ) from error

    def missed(self, cursor: int) -> Iterator[bytes]:
        """Yield the statuses since some time before the cursor, oldest first."""
        last = self.oldest(cursor)
        while statuses := self._page(last):
            yield from map(bytes, statuses)
            newest = max(map(_number, statuses))
            if newest <= last:  # the server ignores min_id
                return
            last = newest

    def _page(self, last: int) -> list[msgspec.Raw]:
        query = urlencode({"min_id": last, "limit": _PAGE})
        try:
            # Newest first, though the page is the one next to min_id.
            return _STATUSES.decode(self._get(f"/api/v1/timelines/public?{query}"))[::-1]
        except msgspec.DecodeError as error:
            raise OSError(f"{self._base} answered with something else than statuses: {error}") from error

    def _get(self, path: str) -> bytes:
        request = urllib.request.Request(self._base + path, headers=self._headers)  # noqa: S310 (the user's own server)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                if error.code in _REFUSED:
                    raise refused(self._base, error.code) from error
                raise
        except HTTPException as error:
            raise OSError(f"{self._base} broke off its answer: {error!r}") from error
        except ValueError as error:
            raise SettingError(f"--server: {self._base} is not an address: {error}") from error

    def oldest(self, cursor: int | None) -> int:
        """Return the id from which statuses are read again."""
        return 0 if cursor is None else max(0, cursor - (OVERLAP_MS << 16))

    def read(self, message: str | bytes) -> Post | None:
        """Return the new status of a message; None for any other event."""
        try:
            event = _MESSAGE.decode(message)
        except (msgspec.DecodeError, UnicodeEncodeError) as error:
            raise NotAPostError(str(error)) from error
        if event.error:
            raise NotAPostError(event.error)
        return self.read_value(event.payload.encode()) if event.event == "update" else None

    def read_value(self, value: bytes) -> Post:
        """Return a status."""
        try:
            status = _STATUS.decode(value)
            number = int(status.id)
        except (msgspec.DecodeError, ValueError) as error:
            raise NotAPostError(str(error)) from error
        languages = (status.language,) if status.language else ()
        text = f"{status.spoiler_text} {status.content}"
        return Post(status.id, status.id.encode(), number, number >> 16, text, languages, value)


def refused(server: str, code: int) -> SettingError:
    """Return the error of a server that wants another token."""
    return SettingError(
        f"{server} refuses to stream (HTTP {code}): set CASCADE_ACCESS_TOKEN to an access token of that server, "
        "from its Preferences, Development, New application, with the scope read:statuses"
    )


def _number(status: msgspec.Raw) -> int:
    """Return a status' id; raise OSError if it has none."""
    try:
        return int(_STATUS.decode(status).id)
    except (msgspec.DecodeError, ValueError) as error:
        raise OSError(f"a status has no numeric id: {error}") from error


class _Resumed:
    """A stream, and what it missed before it began."""

    def __init__(self, server: Mastodon, stream: WebSocketConnection, cursor: int | None) -> None:
        self._server, self._cursor, self.receive = server, cursor, stream.receive

    def missed(self) -> Iterator[bytes]:
        """Yield the statuses since the cursor."""
        return iter(()) if self._cursor is None else self._server.missed(self._cursor)

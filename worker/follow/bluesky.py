"""Bluesky's Jetstream: posts as JSON over a WebSocket, without an account.

A cursor is a time in microseconds since 1970. Jetstream resumes at or before it, and may mix up the events around the
switch from old to new ones (github.com/bluesky-social/jetstream-legacy/issues/42): so resume some seconds early, and
recognize posts by their id. A server may resume up to an hour early (github.com/bluesky-social/jetstream/issues/343).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from urllib.parse import urlencode

import msgspec

from worker.follow.post import Connection, NotAPostError, Post
from worker.follow.websocket import open_websocket

SERVERS = "jetstream2.us-east.bsky.network,jetstream2.us-west.bsky.network,jetstream.us-east.bsky.network"
OVERLAP_US = 10_000_000
_COLLECTION = "app.bsky.feed.post"


class _Record(msgspec.Struct):
    text: str = ""
    langs: list[str] | None = None


class _Commit(msgspec.Struct):
    operation: str
    collection: str
    rkey: str
    rev: str = ""
    record: _Record | None = None


class _Event(msgspec.Struct):
    did: str
    time_us: int
    commit: _Commit | None = None


_EVENT = msgspec.json.Decoder(_Event)


class Jetstream:
    """Posts of Bluesky.

    Args:
        servers: host names or ws:// addresses, comma-separated; the next one is tried after a cut.
        max_bytes: the server leaves out larger events.

    """

    name = "bluesky"
    repeats = True

    def __init__(self, servers: str, max_bytes: int) -> None:
        names = [server.strip() for server in servers.split(",")]
        self.servers, self._servers = len(names), cycle(names)
        self._max_bytes = max_bytes

    @contextmanager
    def connect(self, cursor: int | None) -> Iterator[Connection]:
        """Connect to the next server, resuming some seconds before the cursor."""
        with open_websocket(self.url(next(self._servers), cursor)) as connection:
            yield connection

    def url(self, server: str, cursor: int | None) -> str:
        """Return the address of a subscription to posts."""
        base = server if "://" in server else f"wss://{server}"
        query = {"wantedCollections": _COLLECTION, "maxMessageSizeBytes": self._max_bytes}
        resumed = {} if cursor is None else {"cursor": self.oldest(cursor)}
        return f"{base.rstrip('/')}/subscribe?{urlencode({**query, **resumed})}"

    def oldest(self, cursor: int | None) -> int:
        """Return the time from which the stream is resumed."""
        return 0 if cursor is None else max(0, cursor - OVERLAP_US)

    def read(self, message: str | bytes) -> Post | None:
        """Return the post that an event creates or changes; None for any other event."""
        try:
            event = _EVENT.decode(message)
        except (msgspec.DecodeError, UnicodeEncodeError) as error:
            raise NotAPostError(str(error)) from error
        commit = event.commit
        if commit is None or commit.collection != _COLLECTION or commit.record is None:
            return None
        value = message.encode() if isinstance(message, str) else message
        name = f"{event.did}/{commit.rkey}/{commit.rev}"
        text, languages = commit.record.text, tuple(commit.record.langs or ())
        return Post(name, event.did.encode(), event.time_us, event.time_us // 1000, text, languages, value)

    def read_value(self, value: bytes) -> Post | None:
        """Return the post in a record's value: the event as it came."""
        return self.read(value)

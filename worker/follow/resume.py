"""Where to resume a stream, and what was published before. Pure.

Each record carries the cursor as it was when everything up to it was acknowledged. The topic is therefore the state:
the highest cursor in it, and the ids of its last posts, are what a restarted command needs, even after a power cut.
"""

from collections import deque
from collections.abc import Iterable, Sequence

from worker.follow.post import NotAPostError, Post, Stream
from worker.types import Message, Record

SOURCE, CURSOR = "follow-source", "follow-cursor"
REMEMBERED = 100_000
"""Posts: half an hour of Bluesky, of which a resumed stream repeats some seconds."""


class Progress:
    """The cursor, and the ids of the latest published posts."""

    def __init__(self, cursor: int | None = None, ids: Iterable[str] = ()) -> None:
        self.cursor = cursor
        self._order: deque[str] = deque()
        self._known: set[str] = set()
        for name in ids:
            self.remember(name)

    def knows(self, name: str) -> bool:
        """Return whether a post of this id was published before."""
        return name in self._known

    def remember(self, name: str) -> None:
        """Remember a published post, and forget the oldest of too many."""
        self._known.add(name)
        self._order.append(name)
        if len(self._order) > REMEMBERED:
            self._known.discard(self._order.popleft())

    def advance(self, position: int) -> None:
        """Move the cursor forward; a late post leaves it."""
        self.cursor = position if self.cursor is None else max(self.cursor, position)


def record_of(post: Post, topic: str, source: str, cursor: int) -> Message:
    """Return the record of a post, with the cursor up to which every post is acknowledged."""
    return Message(topic, post.key, post.value, [(SOURCE, source.encode()), (CURSOR, b"%d" % cursor)])


def cursor_of(record: Record, source: str) -> int | None:
    """Return the cursor in a record's headers; None if it is another stream's, or no stream's."""
    headers = dict(record.headers)
    try:
        return int(headers.get(CURSOR) or b"") if headers.get(SOURCE) == source.encode() else None
    except ValueError:
        return None


def restore(records: Sequence[Record], stream: Stream) -> Progress:
    """Return the progress that the last records of a topic prove."""
    own = [(record, cursor) for record in records if (cursor := cursor_of(record, stream.name)) is not None]
    posts = [post for record, _ in own if (post := _post(record, stream))]
    return Progress(max((cursor for _, cursor in own), default=None), [post.id for post in posts])


def _post(record: Record, stream: Stream) -> Post | None:
    try:
        return stream.read_value(record.value or b"")
    except NotAPostError:
        return None

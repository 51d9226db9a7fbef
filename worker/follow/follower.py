"""The loop that follows a stream: connect, receive, publish, resume after a cut."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol, TypeVar

from worker.follow.backoff import Backoff
from worker.follow.post import Connection, Filter, NotAPostError, Post, Stream
from worker.follow.resume import Progress, record_of
from worker.follow.wrong_server import FirstConnection
from worker.logs.throttle import ThrottledWarning
from worker.types import Sink

log = logging.getLogger(__name__)
BATCH, LINGER_S = 500, 0.2
_TICK_S = 0.1
Raw = TypeVar("Raw", str | bytes, bytes)


class Observer(Protocol):
    """What watches the loop."""

    def handled(self, result: str) -> None:
        """Count a message: `published`, `filtered`, `repeated`, `other`, `invalid` or `too_large`."""

    def published(self, posts: int, delay_s: float) -> None:
        """Count acknowledged posts; the delay is that of the last one, from the server's receipt."""

    def connected(self, *, up: bool) -> None:
        """Note that the stream was opened or cut."""


class Destination(NamedTuple):
    """Where the posts go."""

    sink: Sink
    topic: str
    max_bytes: int
    """Largest value of a record; a larger post is left out."""


class Follower:
    """Publishes the posts of a stream.

    At most one batch is in flight: a slow broker lets messages wait, at last on the server, which may cut the
    connection; the stream is then resumed at the cursor.
    """

    def __init__(
        self, stream: Stream, destination: Destination, progress: Progress, chosen: Filter, observer: Observer,
        backoff: Backoff | None = None,
    ) -> None:  # fmt: skip
        self._stream, self._destination, self._progress = stream, destination, progress
        self._filter, self._observer, self._backoff = chosen, observer, backoff or Backoff()
        self._first, self._invalid = FirstConnection(stream.servers), ThrottledWarning(log)
        self._stopped = threading.Event()
        self._batch: list[Post] = []
        self._position = progress.cursor

    def stop(self) -> None:
        """Let `run` publish what it has received, and return."""
        self._stopped.set()

    def run(self) -> None:
        """Follow the stream until `stop`.

        Raises:
            SettingError: the server refuses, or the first connection shows that it is not a server to follow.
            DeliveryError: the broker did not acknowledge a batch; a restart resumes without a gap.

        """
        while not self._stopped.is_set():
            try:
                self._follow()
            except (OSError, EOFError) as error:
                self._first.failed(error)
                self._observer.connected(up=False)
                self._pause(error)

    def _pause(self, error: Exception) -> None:
        wait_s = self._backoff.next()
        log.warning("%s: the stream was cut (%s); resuming in %.1f s", self._stream.name, error, wait_s)
        self._stopped.wait(wait_s)

    def _follow(self) -> None:
        """Follow one connection; what it has brought is published even when it is cut."""
        cursor = self._progress.cursor
        with self._stream.connect(cursor) as connection:
            self._first.succeeded()
            self._observer.connected(up=True)
            log.info("%s: connected, %s", self._stream.name, f"resuming at {cursor}" if cursor else "at the next post")
            try:
                self._replay(connection)
                self._receive(connection, self._stream.oldest(cursor) if self._stream.repeats else 0)
            finally:
                self._publish()

    def _replay(self, connection: Connection) -> None:
        for value in connection.missed():
            self._handle(value, self._stream.read_value)
            if len(self._batch) >= BATCH:
                self._publish()
            if self._stopped.is_set():
                return

    def _receive(self, connection: Connection, oldest: int) -> None:
        while not self._stopped.is_set():
            for message in self._messages(connection):
                self._handle(message, self._stream.read, oldest)
            self._publish()

    def _messages(self, connection: Connection) -> Iterator[str | bytes]:
        """Yield the messages of one batch, which is full or has waited long enough."""
        deadline = time.monotonic() + LINGER_S
        while len(self._batch) < BATCH and time.monotonic() < deadline and not self._stopped.is_set():
            message = connection.receive(_TICK_S)
            if message is not None:
                self._backoff.reset()
                yield message

    def _handle(self, message: Raw, read: Callable[[Raw], Post | None], oldest: int = 0) -> None:
        try:
            post = read(message)
        except NotAPostError as error:
            self._invalid.log(f"{self._stream.name}: a message is not valid and was left out: {error}")
            self._observer.handled("invalid")
            return
        result = self._decide(post, oldest)
        self._observer.handled(result)
        if post is not None and result == "published":
            self._progress.remember(post.id)
            self._batch.append(post)

    def _decide(self, post: Post | None, oldest: int) -> str:
        if post is None:
            return "other"
        if self._progress.cursor is None:
            self._progress.advance(post.position - 1)
        self._position = max(self._position or 0, post.position)
        if post.position < oldest or self._progress.knows(post.id):
            return "repeated"
        if not self._filter.chooses(post):
            return "filtered"
        return "too_large" if len(post.value) > self._destination.max_bytes else "published"

    def _publish(self) -> None:
        """Publish the batch; then everything up to the highest position is acknowledged."""
        posts, self._batch = self._batch, []
        if posts and self._progress.cursor is not None:
            topic, name, cursor = self._destination.topic, self._stream.name, self._progress.cursor
            self._destination.sink.publish([record_of(post, topic, name, cursor) for post in posts])
            self._observer.published(len(posts), time.time() - posts[-1].created_ms / 1000)
        if self._position is not None:
            self._progress.advance(self._position)

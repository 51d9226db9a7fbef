"""The loop, on a local server and without a broker."""

from collections.abc import Sequence

from websockets.sync.server import ServerConnection

from tests.worker.follow.fakes import BASE_US, event
from tests.worker.follow.servers import websocket_server
from worker.follow.bluesky import Jetstream
from worker.follow.follower import Destination, Follower
from worker.follow.post import Filter
from worker.follow.resume import Progress
from worker.metrics import FollowMetrics, new_registry
from worker.types import Message


class StoppingSink:
    """Keeps what is published, and stops the follower after the last post."""

    def __init__(self, last: bytes) -> None:
        self.last, self.values = last, list[bytes | None]()
        self.follower: Follower | None = None

    def publish(self, messages: Sequence[Message]) -> None:
        """Keep the values."""
        self.values += [message.value for message in messages]
        if self.last in self.values and self.follower:
            self.follower.stop()

    def close(self) -> None:
        """Do nothing."""


def test_posts_long_before_the_cursor_are_repeated_ones() -> None:
    """A server may resume up to an hour early: longer than the ids of published posts are known."""

    def play(connection: ServerConnection, _number: int, _query: dict[str, str]) -> None:
        for n in range(110):
            connection.send(event(n))
        for _ in connection:
            pass

    sink = StoppingSink(event(109).encode())
    with websocket_server(play) as url:
        destination, progress = Destination(sink, "tweets", 1000), Progress(BASE_US + 100_000_000)
        sink.follower = Follower(Jetstream(url, 1000), destination, progress, Filter(), FollowMetrics(new_registry()))
        sink.follower.run()
    assert sink.values == [event(n).encode() for n in range(90, 110)]

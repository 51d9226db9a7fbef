"""Public streams, cut, slow and full of garbage, into a topic of a real broker."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection

from deploy.demo.broker import free_port
from tests.integration.waiting import wait_until
from tests.scraping import scrape
from tests.worker.follow.fakes import BASE_US, event, status, update
from tests.worker.follow.servers import rest_server, websocket_server
from worker.follow.backoff import Backoff
from worker.follow.bluesky import Jetstream
from worker.follow.follower import Destination, Follower
from worker.follow.mastodon import Mastodon
from worker.follow.post import Filter, Stream
from worker.follow.resume import restore
from worker.kafka import KafkaSink, TopicScan, last_records
from worker.metrics import FollowMetrics, new_registry
from worker.settings import KafkaSettings
from worker.types import Message

TOKEN = "secret-token"
pytestmark = pytest.mark.broker


class SlowSink(KafkaSink):
    """A sink whose broker takes its time."""

    def publish(self, messages: list[Message]) -> None:  # type: ignore[override]
        """Publish, late."""
        time.sleep(0.05)
        super().publish(messages)


@contextmanager
def following(
    settings: KafkaSettings, stream: Stream, chosen: Filter | None = None, sink: type[KafkaSink] = KafkaSink
) -> Iterator[FollowMetrics]:
    """Follow a stream for the length of a `with`, as the command does; yield its metrics."""
    metrics = FollowMetrics(new_registry())
    progress = restore(last_records(settings, settings.input_topic, 5_000), stream)
    with closing(sink(settings)) as opened:
        destination = Destination(opened, settings.input_topic, 100_000)
        follower = Follower(stream, destination, progress, chosen or Filter(), metrics, Backoff(0.01, 0.05))
        thread = threading.Thread(target=follower.run)
        thread.start()
        try:
            yield metrics
        finally:
            follower.stop()
            thread.join()


def content(settings: KafkaSettings) -> Counter[bytes]:
    """Return how often each value stands in the input topic."""
    with closing(TopicScan(settings, settings.input_topic)) as scan:
        return Counter(record.value or b"" for record in scan)


def wait_for(metrics: FollowMetrics, posts: int) -> None:
    """Wait until the posts are acknowledged."""
    wait_until(lambda: metrics.acknowledged >= posts, lambda: f"{metrics.acknowledged} of {posts} posts")


class Jets:
    """Jetstream: sends the posts from the cursor on, and cuts each connection after some of them."""

    def __init__(self, posts: int, cut_after: int) -> None:
        self.posts, self.cut_after = posts, cut_after
        self.cursors: list[int | None] = []

    def play(self, connection: ServerConnection, number: int, query: dict[str, str]) -> None:
        """Send, beginning some posts before the cursor, as a server may; end politely or not."""
        cursor = int(query["cursor"]) if "cursor" in query else None
        self.cursors.append(cursor)
        first = 0 if cursor is None else max(0, (cursor - BASE_US) // 1_000_000 - 5)
        for n in range(first, min(self.posts, first + self.cut_after)):
            connection.send(event(n))
        connection.send("{ not JSON")
        connection.send(b"\xff\x00")
        if first + self.cut_after < self.posts:
            connection.socket.shutdown(socket.SHUT_RDWR) if number % 2 else connection.close(1001, "going away")
        else:
            for _ in connection:
                pass


@pytest.mark.parametrize("sink", [KafkaSink, SlowSink])
def test_nothing_is_lost_or_doubled_over_cuts(topics: KafkaSettings, sink: type[KafkaSink]) -> None:
    """Each connection repeats fifteen posts and brings garbage; the topic has each post once, as it came."""
    server = Jets(posts=200, cut_after=40)
    with websocket_server(server.play) as url, following(topics, Jetstream(url, 1000), sink=sink) as metrics:
        wait_for(metrics, 200)
    assert len(server.cursors) > 5
    assert content(topics) == Counter({event(n).encode(): 1 for n in range(200)})


def test_a_restart_resumes_where_the_topic_ends(topics: KafkaSettings) -> None:
    """The topic is the state: a second command, which knows nothing else, neither repeats nor skips a post."""
    server = Jets(posts=60, cut_after=1_000)
    with websocket_server(server.play) as url:
        with following(topics, Jetstream(url, 1000)) as metrics:
            wait_for(metrics, 60)
        server.posts = 100
        with following(topics, Jetstream(url, 1000)) as metrics:
            wait_for(metrics, 40)
    assert server.cursors[0] is None
    assert server.cursors[1] is not None
    assert content(topics) == Counter({event(n).encode(): 1 for n in range(100)})


def test_only_chosen_posts_are_published(topics: KafkaSettings) -> None:
    """Other languages and other texts stay away, and so does a post too large for a record."""
    sent = [event(0, "calm sea"), event(1, langs=("de",)), event(2, "x" * 200_000 + " fire"), event(3)]

    def play(connection: ServerConnection, _number: int, _query: dict[str, str]) -> None:
        for message in sent:
            connection.send(message)
        for _ in connection:
            pass

    with (
        websocket_server(play) as url,
        following(topics, Jetstream(url, 1000), Filter.parse("fire", "en")) as metrics,
    ):
        wait_for(metrics, 1)
    assert content(topics) == Counter({event(3).encode(): 1})


def test_mastodon_reads_what_a_cut_has_missed(topics: KafkaSettings) -> None:
    """Statuses 10 to 99 came while the stream was cut; REST has them, page by page, and none is doubled."""
    statuses = [status(n) for n in range(100)]

    def play(connection: ServerConnection, number: int, _query: dict[str, str]) -> None:
        for n in range(10) if number == 0 else range(98, 103):
            connection.send(update(n))
        connection.send('{"event": "delete", "payload": "1"}')
        if number:
            for _ in connection:
                pass

    with (
        websocket_server(play, TOKEN) as streaming,
        rest_server(streaming, lambda: statuses) as url,
        following(topics, Mastodon(url, TOKEN)) as metrics,
    ):
        wait_for(metrics, 103)
    found = Mastodon("x", None)
    with closing(TopicScan(topics, topics.input_topic)) as scan:
        ids = Counter(found.read_value(record.value or b"").id for record in scan)
    assert ids == Counter({str(status(n)["id"]): 1 for n in range(103)})


def test_sigterm_publishes_what_was_received(topics: KafkaSettings, tmp_path: Path) -> None:
    """The command as a user runs it: posts, metrics and the exit code of a polite end; no token in its log."""
    server, port = Jets(posts=30, cut_after=1_000), free_port()
    names = {"BOOTSTRAP_SERVERS": topics.bootstrap_servers, "INPUT_TOPIC": topics.input_topic, "ACCESS_TOKEN": TOKEN}
    environment = {f"CASCADE_{name}": value for name, value in {**names, "METRICS_PORT": str(port)}.items()}
    with websocket_server(server.play) as url:
        command = [sys.executable, "-m", "worker", "follow", "bluesky", "--server", url, "--log-level", "debug"]
        with (
            (tmp_path / "log").open("w") as log,  # debugging, kafka-python writes more than a pipe holds
            subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=log, text=True
            ) as process,
        ):
            try:
                wait_until(lambda: published(port) == 30 or process.poll() is not None, "no posts")
                process.send_signal(signal.SIGTERM)
                out, _ = process.communicate(timeout=60)
            finally:
                process.kill()
    err = (tmp_path / "log").read_text()
    assert (process.returncode, out) == (0, f"30 posts published to {topics.input_topic}, all acknowledged\n"), err
    assert TOKEN not in err
    assert sum(content(topics).values()) == 30


def published(port: int) -> float:
    """Return the posts that the command has published; 0 while it does not answer."""
    return sum(value for name, _, value in scrape(port) if name == "cascade_follow_posts_published_total")

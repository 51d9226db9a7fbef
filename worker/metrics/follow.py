"""Metrics of `follow`."""

from prometheus_client import CollectorRegistry, Counter, Gauge

RESULTS = ("published", "filtered", "repeated", "other", "invalid", "too_large")


class FollowMetrics:
    """What the stream brought, and how late it is; keeps the figures for the progress line as well.

    Attributes:
        acknowledged: posts that the broker has acknowledged.
        delay_s: of the latest, in seconds.
        up: whether the stream is connected.

    """

    def __init__(self, registry: CollectorRegistry) -> None:
        about = ("cascade_follow_messages", "Messages of the followed stream, by what was done.", ["result"])
        messages = Counter(*about, registry=registry)
        self._messages = {result: messages.labels(result) for result in RESULTS}
        about_posts = ("cascade_follow_posts_published", "Posts of the followed stream that the broker acknowledged.")
        self._published = Counter(*about_posts, registry=registry)
        about_delay = "Time from the server's receipt of the latest published post to its acknowledgement."
        self._delay = Gauge("cascade_follow_delay_seconds", about_delay, registry=registry)
        self._connected = Gauge(
            "cascade_follow_connected", "1 while the followed stream is connected, else 0.", registry=registry
        )
        about_cuts = (
            "cascade_follow_connections",
            "Connections to the followed stream; all but the first follow a cut.",
        )
        self._connections = Counter(*about_cuts, registry=registry)
        self.acknowledged, self.delay_s, self.up = 0, 0.0, False

    def handled(self, result: str) -> None:
        """Count a message."""
        self._messages[result].inc()

    def published(self, posts: int, delay_s: float) -> None:
        """Count acknowledged posts; set the delay."""
        self.acknowledged += posts
        self.delay_s = delay_s
        self._published.inc(posts)
        self._delay.set(delay_s)

    def connected(self, *, up: bool) -> None:
        """Note that the stream was opened or cut."""
        self.up = up
        self._connected.set(up)
        if up:
            self._connections.inc()

"""`follow`: publish a public stream of posts."""

import logging
import signal
import threading
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager

from worker.cli import app
from worker.cli.console import new_console
from worker.cli.interruption import on_signals
from worker.errors import SettingError
from worker.follow.bluesky import SERVERS, Jetstream
from worker.follow.follow_settings import FollowSettings
from worker.follow.follower import Destination, Follower
from worker.follow.mastodon import Mastodon
from worker.follow.post import Filter, Stream
from worker.follow.resume import Progress, restore
from worker.follow.websocket import require_websockets
from worker.logs.setup import configure_logging
from worker.metrics import FollowMetrics, labelled, new_registry, serving
from worker.settings_cli import add_flags, read_settings, secrets_of

log = logging.getLogger(__name__)
LAST = 5_000
"""Records of each partition that a start reads: far more than a resumed stream repeats."""
_HEADERS_BYTES = 1024  # for a record's key and headers
_SUMMARY_S = 60

_DESCRIPTION = """\
Publishes the posts of a public stream to the input topic, as they came, until SIGTERM or Ctrl-C, which publish what was
received. bluesky is Jetstream, which needs no account. mastodon is the public timeline of a --server, most of which
need an access token.

After a cut or a restart the stream is resumed where the topic's records end, and what was published is left out. Run
one for each stream and topic: two would publish every post twice."""
_EXAMPLES = """
examples:
  python -m worker follow bluesky --lang en --keyword "earthquake,wildfire,flood"
  CASCADE_ACCESS_TOKEN=... python -m worker follow mastodon --server mastodon.social
"""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "follow",
        command,
        help="publish a public stream of posts to the input topic",
        usage="%(prog)s [--server HOST] [--keyword WORDS] [--lang LANGUAGES] [SETTINGS] {bluesky,mastodon}",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.add_argument("stream", choices=("bluesky", "mastodon"), help="bluesky or mastodon")
    add_flags(parser, FollowSettings)


def command(arguments: Namespace) -> int:
    """Follow the stream until a signal; print the number of posts."""
    settings = read_settings(FollowSettings, arguments)
    stream, topic = new_stream(arguments.stream, settings), settings.one_input_topic()
    require_websockets()
    configure_logging(settings.log_level, settings.log_format, secrets_of(settings))
    registry = new_registry()
    metrics = FollowMetrics(registry)
    shown = labelled(registry, {"stream": stream.name, "topic": topic})
    with serving(shown, {"/livez": list[str]}, settings.metrics_host, settings.metrics_port) as port:
        log.info("/metrics on http://%s:%d", settings.metrics_host, port)
        _follow(settings, stream, metrics)
    print(f"{metrics.acknowledged} posts published to {topic}, all acknowledged")
    return 0


def new_stream(name: str, settings: FollowSettings) -> Stream:
    """Return the stream that the settings describe.

    Raises:
        SettingError: Mastodon without a server.

    """
    if name == "bluesky":
        return Jetstream(settings.server or SERVERS, _max_bytes(settings))
    if not settings.server:
        raise SettingError("--server: Mastodon has many servers; name one, such as --server mastodon.social")
    token = settings.access_token
    return Mastodon(settings.server, token.get_secret_value() if token else None)


def _max_bytes(settings: FollowSettings) -> int:
    return max(1, settings.max_request_size - _HEADERS_BYTES)


def _follow(settings: FollowSettings, stream: Stream, metrics: FollowMetrics) -> None:
    from worker.kafka import KafkaSink, require_topics

    require_topics(settings, [], [settings.input_topic])
    progress, chosen = _restored(settings, stream), Filter.parse(settings.keyword, settings.lang)
    with closing(KafkaSink(settings)) as sink:
        destination = Destination(sink, settings.input_topic, _max_bytes(settings))
        follower = Follower(stream, destination, progress, chosen, metrics)
        with (
            on_signals(lambda _number: follower.stop(), signal.SIGTERM, signal.SIGINT),
            _progress_line(stream.name, metrics),
        ):
            follower.run()


def _restored(settings: FollowSettings, stream: Stream) -> Progress:
    from worker.kafka import last_records

    progress = restore(last_records(settings, settings.input_topic, LAST), stream)
    if progress.cursor is not None:
        log.info("the topic %s holds %s up to %d", settings.input_topic, stream.name, progress.cursor)
    return progress


@contextmanager
def _progress_line(name: str, metrics: FollowMetrics) -> Iterator[None]:
    """Show rate and delay: each second on a terminal, each minute in the log."""
    console, done = new_console(stderr=True), threading.Event()
    every_s = 1 if console.is_terminal else _SUMMARY_S
    with console.status(f"connecting to {name}") as status:

        def update() -> None:
            before, at = 0, time.monotonic()
            while not done.wait(every_s):
                posts, now = metrics.acknowledged, time.monotonic()
                line = summary(name, metrics, (posts - before) / (now - at))
                status.update(line) if console.is_terminal else log.info("%s", line)
                before, at = posts, now

        thread = threading.Thread(target=update, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def summary(name: str, metrics: FollowMetrics, rate: float) -> str:
    """Return the progress line."""
    state = "" if metrics.up else ", disconnected"
    return f"{name}: {metrics.acknowledged:,} posts, {rate:,.1f}/s, {metrics.delay_s:,.1f} s behind{state}"

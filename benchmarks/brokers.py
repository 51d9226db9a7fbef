"""The broker that a benchmark runs on, for its length: nothing else uses it and nothing of it stays."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from deploy.demo.broker import EmbeddedBroker
from deploy.kafka import Cluster
from deploy.kafka.jars import VERSION, require_tools
from worker.errors import SettingError

KINDS = ("kafka", "embedded")


class Running(NamedTuple):
    """A broker at work."""

    name: str
    servers: str


def add_flag(parser: ArgumentParser) -> None:
    """Declare --broker."""
    parser.add_argument(
        "--broker", choices=KINDS, default=default_kind(),
        help="kafka: Apache Kafka, from Maven Central, on this machine; embedded: the one of the demo and the tests, "
        "in memory (default: kafka where Java and Maven are, else embedded; here %(default)s)",
    )  # fmt: skip


def default_kind() -> str:
    """Return the kind that users run, where it can be started."""
    try:
        require_tools()
    except SettingError:
        return "embedded"
    return "kafka"


@contextmanager
def running(kind: str) -> Iterator[Running]:
    """Start a broker of this kind for the length of a `with`.

    Raises:
        SettingError: what it needs is not installed.
        BrokerError: it does not start.

    """
    if kind == "embedded":
        with EmbeddedBroker() as embedded:
            yield Running("the embedded broker (Tansu, in memory)", embedded.bootstrap_servers)
    else:
        with Cluster() as cluster:
            yield Running(f"Apache Kafka {VERSION}, one broker", cluster.bootstrap_servers)

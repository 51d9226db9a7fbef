"""The broker of a benchmark: started for it alone and deleted with its data afterwards."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from deploy.demo.broker import EmbeddedBroker
from deploy.kafka import Cluster
from deploy.kafka.jars import VERSION, require_tools
from worker.errors import SettingError

KINDS = ("kafka", "embedded")


class RunningBroker(NamedTuple):
    """A running broker: its name for people, and its bootstrap servers."""

    name: str
    servers: str


def add_broker_flag(parser: ArgumentParser) -> None:
    """Add --broker."""
    parser.add_argument(
        "--broker", choices=KINDS, default=default_kind(),
        help="kafka: Apache Kafka, from Maven Central, on this machine; embedded: the in-memory broker of the demo and "
        "the tests (default: kafka if Java and Maven are installed, else embedded; here %(default)s)",
    )  # fmt: skip


def default_kind() -> str:
    """Return Apache Kafka if it can be started here, else the embedded broker."""
    try:
        require_tools()
    except SettingError:
        return "embedded"
    return "kafka"


@contextmanager
def running_broker(kind: str) -> Iterator[RunningBroker]:
    """Run a broker of this kind for the duration of a `with`.

    Raises:
        SettingError: a tool that it needs is not installed.
        BrokerError: it does not start.

    """
    if kind == "embedded":
        with EmbeddedBroker() as embedded:
            yield RunningBroker("the embedded broker (Tansu, in memory)", embedded.bootstrap_servers)
    else:
        with Cluster() as cluster:
            yield RunningBroker(f"Apache Kafka {VERSION}, one broker", cluster.bootstrap_servers)

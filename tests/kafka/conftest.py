"""Apache Kafka itself, for all scenarios of a session."""

import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from deploy.kafka import Cluster
from deploy.kafka.config import Listener
from deploy.kafka.security import LISTENERS, Security
from tests.kafka.proxy import Proxy
from tests.kafka.workers import Feed, Line, Workers
from worker.kafka import create_topics
from worker.settings import KafkaSettings

LONG = bool(os.environ.get("KAFKA_LONG"))
"""Whether the long forms of the scenarios run."""

PROPERTIES = {"transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000"}  # 10 s would only be waited for


@pytest.fixture(scope="session", autouse=True)
def _figures_and_little_else() -> None:
    """Have the auditor heard, and of the client only what a failed test needs."""
    logging.getLogger("tests.kafka").setLevel(logging.INFO)
    logging.getLogger("kafka").setLevel(logging.ERROR)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the auditor and others logged in the tests that passed."""
    terminalreporter.section("what was measured")
    for report in terminalreporter.stats.get("passed", []):
        for line in report.caplog.splitlines():
            if " tests.kafka." in line:
                terminalreporter.line(f"{report.nodeid.rpartition('/')[2]}: {line.partition(' ')[2].partition(' ')[2]}")


@pytest.fixture(scope="session", autouse=True)
def _java_that_starts_quickly() -> Iterator[None]:
    """Have brokers compiled for a quick start, not for a long life: half of the time of a session's start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield


@pytest.fixture(scope="session")
def security(tmp_path_factory: pytest.TempPathFactory) -> Security:
    """Return certificates and a user that the cluster's listeners know."""
    return Security.create(tmp_path_factory.mktemp("security"))


@pytest.fixture(scope="session")
def network() -> Proxy:
    """Return the way to the cluster's listener PROXIED."""
    return Proxy()


@pytest.fixture(scope="session")
def cluster(security: Security, network: Proxy) -> Iterator[Cluster]:
    """Start one broker for all tests; one that kills it starts it again."""
    listeners = (*LISTENERS, Listener("PROXIED", "PLAINTEXT", network.port))
    with Cluster(properties=PROPERTIES, listeners=listeners, security=security) as running:
        network.target = int(running.servers("PROXIED").rpartition(":")[2])
        yield running


@pytest.fixture
def proxy(cluster: Cluster, network: Proxy) -> Iterator[Proxy]:  # noqa: ARG001 (it is what the proxy leads to)
    """Return a network that is whole, and mend it afterwards."""
    network.restore()
    yield network
    network.cut()
    network.restore()


def new_settings(cluster: Cluster) -> KafkaSettings:
    """Return settings with topics of their own, which are created with as many replicas as there are brokers."""
    names = {f"{kind}_topic": f"{kind}-{uuid.uuid4().hex[:8]}" for kind in ("input", "output", "dead_letter")}
    made = KafkaSettings(bootstrap_servers=cluster.bootstrap_servers, **names)  # type: ignore[arg-type]
    create_topics(made, list(names.values()), 3, len(cluster.brokers))
    return made


@pytest.fixture
def settings(cluster: Cluster) -> KafkaSettings:
    """Return settings with topics of the test's own."""
    return new_settings(cluster)


@pytest.fixture
def delivery() -> str:
    """Return the workers' mode; a test's own parameter of this name wins."""
    return "at_least_once"


@pytest.fixture
def workers(settings: KafkaSettings, small_artifact: Path, tmp_path: Path, delivery: str) -> Iterator[Workers]:
    """Return the test's workers; what still runs at the end is killed."""
    with closing(Workers(settings, small_artifact, tmp_path, delivery)) as group:
        yield group


@pytest.fixture
def feed(settings: KafkaSettings) -> Feed:
    """Return the stream of the test's tweets."""
    return Feed(settings)


@pytest.fixture
def lines(cluster: Cluster, small_artifact: Path, tmp_path: Path) -> Iterator[list[Line]]:
    """Return both modes side by side: what is slow to break is broken once, for both."""
    with ExitStack() as undo:
        made = []
        for delivery in ("at_least_once", "exactly_once"):
            (folder := tmp_path / delivery).mkdir()
            settings = new_settings(cluster)
            group = undo.enter_context(closing(Workers(settings, small_artifact, folder, delivery)))
            made.append(Line(settings, Feed(settings), group))
        yield made

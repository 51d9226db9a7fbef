"""Fixtures: a broker, a test's own topics on it, and worker processes."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.demo.broker import EmbeddedBroker
from tests.integration.topics import Outputs
from tests.integration.worker_process import WorkerProcess
from worker.kafka import create_topics
from worker.settings import KafkaSettings

PARTITIONS = 3


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """Start the embedded broker; one for each process of xdist."""
    with EmbeddedBroker() as running:
        yield running.bootstrap_servers


@pytest.fixture
def settings(broker: str) -> KafkaSettings:
    """Return settings with topic names that no other test uses."""
    name = uuid.uuid4().hex[:8]
    topics = {f"{kind}_topic": f"{kind}-{name}" for kind in ("input", "output", "dead_letter")}
    return KafkaSettings(bootstrap_servers=broker, **topics)  # type: ignore[arg-type]


@pytest.fixture
def topics(settings: KafkaSettings) -> KafkaSettings:
    """Create the topics."""
    create_topics(settings, [settings.input_topic, settings.output_topic, settings.dead_letter_topic], PARTITIONS, 1)
    return settings


@pytest.fixture
def start(topics: KafkaSettings, small_artifact: Path) -> Iterator[Callable[..., WorkerProcess]]:
    """Return a function that starts a worker on the test's topics; kill the workers at the end."""
    started: list[WorkerProcess] = []

    def run(*flags: str, artifact: Path = small_artifact) -> WorkerProcess:
        started.append(WorkerProcess(topics, artifact, *flags))
        return started[-1]

    yield run
    for worker in started:
        worker.kill()


@pytest.fixture
def outputs(topics: KafkaSettings) -> Iterator[Outputs]:
    """Return a reader of the output topics."""
    with closing(Outputs(topics)) as reader:
        yield reader

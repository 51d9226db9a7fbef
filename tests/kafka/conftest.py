"""Apache Kafka itself, and workers that can be killed."""

import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.kafka import Cluster
from tests.kafka.auditor import uncommitted
from worker.connectors import create_topics
from worker.settings import KafkaSettings

LONG = bool(os.environ.get("KAFKA_LONG"))
"""Whether the long forms of the scenarios run."""


def needs_kafka() -> None:
    """Skip where Apache Kafka cannot run."""
    missing = [name for name in ("java", "mvn") if not shutil.which(name)]
    if missing:
        pytest.skip(f"Apache Kafka needs {' and '.join(missing)}")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Start one broker for all tests; one that kills it starts it again."""
    needs_kafka()
    with Cluster() as running:
        yield running


@pytest.fixture
def settings(cluster: Cluster) -> KafkaSettings:
    """Return settings with topics of the test's own, which are created."""
    return fresh_topics(cluster)


def fresh_topics(cluster: Cluster) -> KafkaSettings:
    """Create topics that no other test has, with as many replicas as there are brokers."""
    names = {f"{kind}_topic": f"{kind}-{uuid.uuid4().hex[:8]}" for kind in ("input", "output", "dead_letter")}
    made = KafkaSettings(bootstrap_servers=cluster.bootstrap_servers, **names)  # type: ignore[arg-type]
    create_topics(made, list(names.values()), 3, len(cluster.brokers))
    return made


def group_of(settings: KafkaSettings) -> str:
    """Return the consumer group of the test's workers."""
    return f"group-{settings.input_topic}"


class Workers:
    """Worker processes of one group, as a user starts them; their logs go to files."""

    def __init__(self, settings: KafkaSettings, artifact: Path, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        self._started = 0
        self._command = [
            *(sys.executable, "-m", "worker", "run", "--bootstrap-servers", settings.bootstrap_servers),
            *("--input-topic", settings.input_topic, "--output-topic", settings.output_topic),
            *("--dead-letter-topic", settings.dead_letter_topic, "--group-id", group_of(settings)),
            *("--artifact", str(artifact), "--metrics-port", "0", "--session-timeout-ms", "6000"),
        ]

    def start(self, *flags: str) -> subprocess.Popen[bytes]:
        """Start one more."""
        self._started += 1
        with (self.folder / f"worker-{self._started}.log").open("wb") as log:
            self.running.append(subprocess.Popen([*self._command, *flags], stdout=log, stderr=log))
        return self.running[-1]

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """SIGKILL."""
        worker.kill()
        worker.wait()
        self.running.remove(worker)

    def logs(self) -> str:
        """Return the end of each log, for the message of a test that fails."""
        paths = sorted(self.folder.glob("worker-*.log"))
        return "\n".join(f"{path.name}: {path.read_text(errors='replace')[-800:]}" for path in paths)

    def wait_done(self, seconds: float) -> None:
        """Return when the group has committed all of the input."""
        deadline = time.monotonic() + seconds
        while (left := uncommitted(self.settings, group_of(self.settings))) > 0:
            assert time.monotonic() < deadline, f"{left} records are not committed\n{self.logs()}"
            time.sleep(0.5)


@pytest.fixture
def workers(settings: KafkaSettings, small_artifact: Path, tmp_path: Path) -> Iterator[Workers]:
    """Return the test's workers; what still runs at the end is killed."""
    group = Workers(settings, small_artifact, tmp_path)
    yield group
    for worker in list(group.running):
        group.kill(worker)


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll a condition until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)

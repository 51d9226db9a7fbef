"""A broker, and a worker as a process of its own."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from deploy.demo.broker import EmbeddedBroker, free_port
from schemas import DeadLetter, Label
from tests.scraping import scrape
from worker.kafka import KafkaReader, KafkaSink, create_topics
from worker.settings import KafkaSettings
from worker.types import Message, Record

PARTITIONS = 3
PATIENCE = 60.0


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """Start the embedded broker; one for each of xdist's processes."""
    with EmbeddedBroker() as running:
        yield running.bootstrap_servers


@pytest.fixture
def settings(broker: str) -> KafkaSettings:
    """Return settings with topics of the test's own."""
    name = uuid.uuid4().hex[:8]
    topics = {f"{kind}_topic": f"{kind}-{name}" for kind in ("input", "output", "dead_letter")}
    return KafkaSettings(bootstrap_servers=broker, **topics)  # type: ignore[arg-type]


@pytest.fixture
def topics(settings: KafkaSettings) -> KafkaSettings:
    """Create the topics."""
    create_topics(settings, [settings.input_topic, settings.output_topic, settings.dead_letter_topic], PARTITIONS, 1)
    return settings


def wait_until(condition: Callable[[], bool], what: str | Callable[[], str]) -> None:
    """Return once the condition holds; fail with what is said, or what a function says then, when it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.05)


def series_text(name: str, labels: Mapping[str, str]) -> str:
    """Return a series as Prometheus writes it, without the labels that all series have."""
    own = ",".join(f'{label}="{labels[label]}"' for label in sorted(labels) if label not in {"group", "topic"})
    return f"{name}{{{own}}}" if own else name


class Running:
    """A worker process."""

    def __init__(self, settings: KafkaSettings, artifact: Path, *flags: str) -> None:
        self.port = free_port()
        environment = {
            "CASCADE_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
            "CASCADE_INPUT_TOPIC": settings.input_topic,
            "CASCADE_OUTPUT_TOPIC": settings.output_topic,
            "CASCADE_DEAD_LETTER_TOPIC": settings.dead_letter_topic,
            "CASCADE_GROUP_ID": f"group-{settings.input_topic}",
            "CASCADE_ARTIFACT": str(artifact),
            "CASCADE_METRICS_PORT": str(self.port),
            "CASCADE_SESSION_TIMEOUT": "6s",
        }
        command = [sys.executable, "-m", "worker", "run", *flags]
        self.process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True)

    def get(self, path: str) -> tuple[int, str]:
        """Return code and body of what its HTTP server answers; 0 where none is up yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except urllib.error.URLError:
            return 0, ""

    def wait_ready(self) -> set[str]:
        """Return once it is ready; give the answers of the time before."""
        deadline, answers = time.monotonic() + PATIENCE, set()
        while (answer := self.get("/readyz"))[0] != 200:
            assert self.process.poll() is None, self.wait()
            assert time.monotonic() < deadline, answer
            answers.add(answer[1])
            time.sleep(0.02)
        return answers

    def metrics(self) -> dict[str, float]:
        """Return what `/metrics` says now: a series' text, without the labels that all have, and its value."""
        return {series_text(name, labels): value for name, labels, value in scrape(self.port)}

    def terminate(self) -> tuple[int, str]:
        """Send SIGTERM; return exit code and log."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        """Return exit code and log."""
        _, log = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, log


@pytest.fixture
def start(topics: KafkaSettings, small_artifact: Path) -> Iterator[Callable[..., Running]]:
    """Return a function that starts a worker on the test's topics; what is still running is killed."""
    started: list[Running] = []

    def run(*flags: str, artifact: Path = small_artifact) -> Running:
        started.append(Running(topics, artifact, *flags))
        return started[-1]

    yield run
    for worker in started:
        if worker.process.poll() is None:
            worker.process.kill()
            worker.process.communicate()


def produce(settings: KafkaSettings, messages: list[tuple[bytes | None, bytes]]) -> None:
    """Send keys and values to the input topic."""
    with closing(KafkaSink(settings)) as sink:
        sink.publish([Message(settings.input_topic, key, value) for key, value in messages])


class Outputs:
    """What came out of a worker, read from outside of its group."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._reader = KafkaReader(settings, [settings.output_topic, settings.dead_letter_topic], from_beginning=True)
        self.records: list[Record] = []

    def wait_for(self, count: int) -> None:
        """Read until there are as many records, or it takes too long."""
        deadline = time.monotonic() + PATIENCE
        while len(self.records) < count:
            self.records.extend(self._reader.poll())
            assert time.monotonic() < deadline, f"{len(self.records)} of {count} came out"

    def settle(self) -> None:
        """Read what else there is: a second label for a tweet would be here."""
        for _ in range(4):
            self.records.extend(self._reader.poll())

    @property
    def labelled(self) -> list[tuple[Record, Label]]:
        """The labels, with their records."""
        of_output = [r for r in self.records if r.topic == self._settings.output_topic]
        return [(r, Label.model_validate_json(r.value or b"")) for r in of_output]

    @property
    def labels(self) -> list[Label]:
        """The labels."""
        return [label for _, label in self.labelled]

    @property
    def letters(self) -> list[tuple[Record, DeadLetter]]:
        """The dead letters."""
        dead = [r for r in self.records if r.topic == self._settings.dead_letter_topic]
        return [(r, DeadLetter.from_headers((k, v or b"") for k, v in r.headers)) for r in dead]

    def close(self) -> None:
        """Free the connection."""
        self._reader.close()


@pytest.fixture
def outputs(topics: KafkaSettings) -> Iterator[Outputs]:
    """Read the output topics."""
    with closing(Outputs(topics)) as reader:
        yield reader

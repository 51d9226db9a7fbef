"""Commands and environment of the services of docker-compose.yml, run as processes on the embedded broker."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.demo.broker import EmbeddedBroker, free_port
from tests.deploy.service_processes import ServiceProcesses
from tests.integration.topics import Outputs
from tests.integration.waiting import PATIENCE, wait_until
from tests.scraping import scrape
from training.data.dataset import SAMPLE
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker


@pytest.fixture
def broker() -> Iterator[str]:
    """Start a broker for one test, because compose uses the default names of the topics."""
    with EmbeddedBroker() as running:
        yield running.bootstrap_servers


@pytest.fixture
def services(broker: str, tmp_path: Path) -> Iterator[ServiceProcesses]:
    """Return a runner of services with their volumes in the test's folder."""
    with closing(ServiceProcesses(broker, tmp_path)) as running:
        yield running


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Send SIGTERM, like `docker compose stop`; return exit code and log."""
    process.terminate()
    log, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, log


def test_the_stack_labels_a_producers_tweets(
    broker: str, services: ServiceProcesses, small_artifact: Path, tmp_path: Path
) -> None:
    """Topics, three workers, their health checks and the producer work with the commands of docker-compose.yml."""
    shutil.copytree(small_artifact, tmp_path / "models/default")
    shutil.copy(SAMPLE / "stream.csv", tmp_path / "models/unseen.csv")
    log, _ = services.start("topics").communicate(timeout=PATIENCE)
    assert log.splitlines() == [f"{name}: created" for name in ("tweets", "tweets.labelled", "tweets.dead-letter")]

    ports = [free_port() for _ in range(3)]
    workers = [services.start("worker", port) for port in ports]
    wait_until(lambda: [assigned(port) for port in ports] == [4, 4, 4], "each worker has a third of the partitions")
    for port in ports:
        assert services.check("worker", port).communicate(timeout=PATIENCE)[0] == "ok\n"

    producer = services.start("producer")
    with closing(Outputs(KafkaSettings(bootstrap_servers=broker))) as outputs:
        outputs.wait_for(200)
    end(producer)
    for worker in workers:
        code, log = end(worker)
        assert code == 0, log
    check = services.check("worker", ports[0])
    check.communicate(timeout=PATIENCE)
    assert check.returncode == 1, "a stopped worker is unhealthy"


def assigned(port: int) -> int:
    """Return the number of partitions of a worker."""
    return sum(name == "cascade_lag_records" for name, _, _ in scrape(port))


def test_the_trainer_keeps_a_good_artifact(services: ServiceProcesses, sample_artifact: Path, tmp_path: Path) -> None:
    """The trainer, which every `docker compose up` runs, exits at once if there is a good artifact."""
    shutil.copytree(sample_artifact, tmp_path / "models/default")
    before = (tmp_path / "models/default/manifest.json").read_bytes()
    trainer = services.start("trainer")
    log, _ = trainer.communicate(timeout=PATIENCE)
    assert trainer.returncode == 0, log
    assert "playing" in log
    assert (tmp_path / "models/default/manifest.json").read_bytes() == before
    assert (tmp_path / "models/unseen.csv").read_text().startswith("id,text")

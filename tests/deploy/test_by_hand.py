"""What compose starts, started: each service's own command and environment, on the embedded broker."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.demo.broker import EmbeddedBroker, free_port
from tests.deploy.by_hand import ByHand
from tests.integration.conftest import PATIENCE, Outputs, wait_until
from tests.scraping import scrape
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker
PARTITIONS = 12


@pytest.fixture
def broker() -> Iterator[str]:
    """Start a broker of the test's own: compose's topics have their default names."""
    with EmbeddedBroker() as running:
        yield running.bootstrap_servers


@pytest.fixture
def by_hand(broker: str, tmp_path: Path) -> Iterator[ByHand]:
    """Return what starts services, their volumes in the test's folder."""
    with closing(ByHand(broker, tmp_path)) as running:
        yield running


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Send SIGTERM, as `docker compose stop` does; return exit code and log."""
    process.terminate()
    log, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, log


def test_the_stack_labels_a_producers_tweets(
    broker: str, by_hand: ByHand, small_artifact: Path, tmp_path: Path
) -> None:
    """Topics, three workers, their health checks and the producer, each as compose starts it."""
    shutil.copytree(small_artifact, tmp_path / "models/default")
    log, _ = by_hand.start("topics").communicate(timeout=PATIENCE)
    assert log.splitlines() == [f"{name}: created" for name in ("tweets", "tweets.labelled", "tweets.dead-letter")]

    ports = [free_port() for _ in range(3)]
    workers = [by_hand.start("worker", port) for port in ports]
    wait_until(lambda: [assigned(port) for port in ports] == [4, 4, 4], "each worker has a third of the partitions")
    for port in ports:
        assert by_hand.check("worker", port).communicate(timeout=PATIENCE)[0] == "ok\n"

    producer = by_hand.start("producer")
    with closing(Outputs(KafkaSettings(bootstrap_servers=broker))) as outputs:
        outputs.wait_for(200)
    end(producer)
    for worker in workers:
        code, log = end(worker)
        assert code == 0, log
    check = by_hand.check("worker", ports[0])
    check.communicate(timeout=PATIENCE)
    assert check.returncode == 1, "a worker that is gone is not well"


def assigned(port: int) -> int:
    """Return how many partitions a worker has."""
    return sum(name == "cascade_lag_records" for name, _, _ in scrape(port))


def test_the_trainer_leaves_a_good_artefact_alone(by_hand: ByHand, sample_artifact: Path, tmp_path: Path) -> None:
    """Every `docker compose up` runs it: it trains where there is nothing, and else ends in a moment."""
    shutil.copytree(sample_artifact, tmp_path / "models/default")
    before = (tmp_path / "models/default/manifest.json").read_bytes()
    trainer = by_hand.start("trainer")
    log, _ = trainer.communicate(timeout=PATIENCE)
    assert trainer.returncode == 0, log
    assert "playing" in log
    assert (tmp_path / "models/default/manifest.json").read_bytes() == before

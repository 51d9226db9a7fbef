"""Stop and start: within the grace period, and nothing is done again."""

import logging
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.containers.stack import PROJECT, WORKERS, Stack, docker
from tests.deploy.compose import services

pytestmark = [pytest.mark.containers, pytest.mark.timeout(300)]
log = logging.getLogger(__name__)
_GRACE_SECONDS = 60
_BY_SIGTERM = 143


def count(servers: str) -> int:
    """Return the number of labels and dead letters."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "count"})
    try:
        topics = consumer.list_topics(timeout=30).topics
        partitions = [
            TopicPartition(name, p)
            for name in ("tweets.labelled", "tweets.dead-letter")
            for p in topics[name].partitions
        ]
        return sum(consumer.get_watermark_offsets(partition, 30)[1] for partition in partitions)
    finally:
        consumer.close()


def test_stop_and_up_again(stack: Stack) -> None:
    """All stop within the grace period, workers with exit code 0; then nothing is trained or labelled again."""
    before = count(stack.servers)
    assert before >= 1000, "there are labels of the tests before"
    start = time.monotonic()
    stack.compose("--profile", "demo", "stop")
    log.info("stopped in %.1f s", time.monotonic() - start)
    assert time.monotonic() - start < _GRACE_SECONDS
    for name in ("worker", "prometheus", "grafana", "kafka"):
        code = _BY_SIGTERM if name == "kafka" else 0  # so ends a JVM
        assert {state["ExitCode"] for state in stack.states(name)} == {code}, stack.logs(name)
    start = time.monotonic()
    stack.scale()
    log.info("up again in %.1f s", time.monotonic() - start)
    time.sleep(15)  # the workers have joined their group, and would have labelled
    assert "playing" in stack.logs("trainer")
    assert "training on" not in stack.logs("trainer").rpartition("playing")[2]
    assert count(stack.servers) == before
    assert len(stack.states("worker")) == WORKERS


@pytest.fixture
def bare(stack: Stack) -> Iterator[str]:  # noqa: ARG001 (its network)
    """Run a worker as Kubernetes does, as process 1; return the container."""
    environment = ("--env", "CASCADE_BOOTSTRAP_SERVERS=kafka:19092", "--env", "CASCADE_GROUP_ID=bare")
    volume, network = f"{PROJECT}_models:/models:ro", f"{PROJECT}_default"
    started = docker("run", "--detach", "--network", network, "--volume", volume, "--read-only", "--tmpfs", "/tmp",  # noqa: S108
                     *environment, services()["worker"]["image"]).strip()  # fmt: skip
    yield started
    docker("rm", "--force", started)


@pytest.mark.parametrize("seconds", [0.3, 1.5, 20])
def test_process_1_stops_at_any_moment(stack: Stack, bare: str, seconds: float) -> None:
    """The kernel drops a SIGTERM for a process 1 without a handler: the worker has one before its imports."""
    time.sleep(seconds)
    start = time.monotonic()
    docker("stop", "--time", "30", bare)
    assert time.monotonic() - start < 15
    ended = stack.inspect(bare)["State"]["ExitCode"]
    assert ended in {0, _BY_SIGTERM}, docker("logs", bare)  # by its default action, before the command runs

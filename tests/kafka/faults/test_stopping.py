"""Stopping a worker while no broker answers."""

import time
from collections.abc import Iterator

import pytest

from deploy.kafka import Cluster
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import Feed
from tests.kafka.support.workers import Workers

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


@pytest.fixture
def fragile(cluster: Cluster) -> Iterator[Cluster]:
    """Return the cluster; restart its broker after the test."""
    yield cluster
    if not cluster.brokers[0].process:
        cluster.brokers[0].start()
    cluster.wait_ready()


@both_modes
def test_sigterm_while_the_broker_is_away(workers: Workers, feed: Feed, fragile: Cluster) -> None:
    """SIGTERM ends an idle worker within ten seconds although its broker is dead."""
    feed.add(100)
    worker = workers.start()
    workers.wait_done(60)
    fragile.brokers[0].kill()
    start = time.monotonic()
    worker.terminate()
    assert worker.wait(60) == 0, workers.logs()
    assert time.monotonic() - start < 10

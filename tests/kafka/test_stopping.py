"""A worker that is told to stop while nothing answers it."""

import time
from collections.abc import Iterator

import pytest

from deploy.kafka import Cluster
from tests.kafka.test_faults import both_modes
from tests.kafka.workers import Feed, Workers

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


@pytest.fixture
def fragile(cluster: Cluster) -> Iterator[Cluster]:
    """Return the cluster; a broker that the test has killed runs again afterwards."""
    yield cluster
    if not cluster.brokers[0].process:
        cluster.brokers[0].start()
    cluster.wait_ready()


@both_modes
def test_sigterm_while_the_broker_is_away(workers: Workers, feed: Feed, fragile: Cluster) -> None:
    """An idle worker has nothing to save: it does not wait for the broker to come back, nor for SIGKILL."""
    feed.add(100)
    worker = workers.start()
    workers.wait_done(60)
    fragile.brokers[0].kill()
    start = time.monotonic()
    worker.terminate()
    assert worker.wait(60) == 0, workers.logs()
    assert time.monotonic() - start < 10

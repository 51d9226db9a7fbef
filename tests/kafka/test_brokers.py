"""What is promised while the broker dies."""

import pytest

from deploy.kafka import Cluster
from tests.kafka.workers import Line

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


def test_a_killed_broker_comes_back(cluster: Cluster, lines: list[Line]) -> None:
    """The worker waits for the broker, goes on, and loses nothing."""
    for line in lines:
        line.begin(10_000, transaction_ms=60_000)
    for line in lines:
        line.wait_begun()
        line.feed.keep(5_000)
    cluster.brokers[0].kill()
    assert all(line.workers.busy() for line in lines), "work was to be left when the broker died"
    cluster.brokers[0].start()
    cluster.wait_ready()
    for line in lines:
        line.feed.add(1_000)
    for line in lines:
        line.check()

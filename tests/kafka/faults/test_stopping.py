"""Stopping a worker while no broker answers."""

import time

import pytest

from deploy.kafka import Cluster
from tests.kafka.support.modes import both_modes
from tests.kafka.support.outage import outage
from tests.kafka.support.tweets import Feed
from tests.kafka.support.workers import Workers

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


@both_modes
def test_sigterm_while_the_broker_is_away(workers: Workers, feed: Feed, cluster: Cluster) -> None:
    """SIGTERM ends an idle worker within ten seconds although its broker is dead."""
    feed.add(100)
    worker = workers.start()
    workers.wait_done(60)
    with outage(cluster):
        start = time.monotonic()
        worker.terminate()
        assert worker.wait(60) == 0, workers.logs()
        assert time.monotonic() - start < 10

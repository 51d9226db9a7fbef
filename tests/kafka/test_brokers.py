"""What is promised while brokers die."""

import pytest

from deploy.kafka import Cluster
from tests.kafka.auditor import audit
from tests.kafka.test_faults import both_modes, wait_first_commit
from tests.kafka.workers import Feed, Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


@both_modes
def test_a_killed_broker_comes_back(
    workers: Workers, feed: Feed, settings: KafkaSettings, cluster: Cluster, delivery: str
) -> None:
    """The worker waits for the broker, goes on, and loses nothing."""
    feed.add(10_000)
    worker = workers.start(transaction_ms=60_000)  # longer than the broker is away: else it is fenced, and ends
    wait_first_commit(workers, feed)
    feed.keep(5_000)
    cluster.brokers[0].kill()
    assert workers.busy() == [worker], "work was to be left when the broker died"
    cluster.brokers[0].start()
    cluster.wait_ready()
    feed.add(1_000)
    workers.wait_done(120)
    assert worker.poll() is None, workers.logs()
    audit(settings).check(feed.count, delivery)

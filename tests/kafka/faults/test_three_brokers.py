"""Three brokers: the leaders of the topics move, and replicas are missing."""

from collections.abc import Iterator

import pytest

from deploy.kafka import Cluster
from tests.kafka.conftest import PROPERTIES
from tests.kafka.support.admin import elect_preferred, in_sync, leaders, set_topic_config
from tests.kafka.support.auditor import audit
from tests.kafka.support.deployment import Deployment
from tests.kafka.support.tweets import Feed
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.kafka.diagnosis.topics import TRANSACTIONS
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

_FASTER = {
    "broker.session.timeout.ms": "6000",
    "min.insync.replicas": "2",
}  # instead of 9 s until a dead broker is noticed


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Start three brokers that each replicate every partition; two of them have to acknowledge a record."""
    with Cluster(3, properties={**PROPERTIES, **_FASTER}) as running:
        yield running


def lead_again(settings: KafkaSettings, topics: list[str]) -> None:
    """Elect the preferred leaders again once they are in sync."""
    wait_until(lambda: all(in_sync(settings, topic) == 3 for topic in topics), 60, lambda: "a replica is not in sync")
    elect_preferred(settings, topics)


@pytest.mark.parametrize("delivery", ["exactly_once"])
def test_transactions_without_enough_replicas(
    cluster: Cluster, workers: Workers, feed: Feed, settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker ends with 1 and names the topic of the broker that takes no record; nothing is lost or doubled."""
    monkeypatch.setenv("CASCADE_DELIVERY_TIMEOUT", "5s")
    feed.add(200)
    worker = workers.start()
    workers.wait_done(60)
    dead = cluster.brokers[2]
    dead.kill()
    try:
        set_topic_config(settings, TRANSACTIONS, "min.insync.replicas", 3)
        feed.add(200)
        assert worker.wait(60) == 1, workers.logs()
        assert f"topic {TRANSACTIONS} has 2 of 3 replicas in sync" in workers.logs()
    finally:
        set_topic_config(settings, TRANSACTIONS, "min.insync.replicas", 2)
        dead.start()
        cluster.wait_ready()
    workers.start()
    workers.wait_done(60)
    audit(settings).check(feed.count)


def test_leaders_move_and_replicas_are_missing(cluster: Cluster, deployments: list[Deployment]) -> None:
    """Nothing is lost when a leader dies, when labels have too few replicas, and when all leaders are back."""
    for deployment in deployments:
        deployment.begin(5_000, transaction_ms=60_000)
    for deployment in deployments:
        deployment.wait_begun()
        deployment.feed.keep(2_000)
    dead = cluster.brokers[leaders(deployments[0].settings, deployments[0].settings.input_topic)[0] - 1]
    dead.kill()
    for deployment in deployments:
        deployment.wait_progress(60)
        assert dead.node.id not in leaders(deployment.settings, deployment.settings.output_topic)
        set_topic_config(deployment.settings, deployment.settings.output_topic, "min.insync.replicas", 3)
    for deployment in deployments:
        deployment.wait_standstill(3)
    dead.start()
    for deployment in deployments:
        deployment.wait_progress(90)
        lead_again(deployment.settings, [deployment.settings.input_topic, deployment.settings.output_topic])
        assert dead.node.id in leaders(deployment.settings, deployment.settings.output_topic)
    for deployment in deployments:
        deployment.wait_progress(30)
        deployment.check()

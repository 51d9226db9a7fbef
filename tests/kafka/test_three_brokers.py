"""What is promised while the leaders of the topics move among three brokers."""

from collections.abc import Iterator

import pytest

from deploy.kafka import Cluster
from tests.kafka.admin import ask_replicas, elect_preferred, in_sync, leaders
from tests.kafka.conftest import PROPERTIES
from tests.kafka.workers import Line, wait_until
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

_QUICKER = {"broker.session.timeout.ms": "6000", "min.insync.replicas": "2"}  # 9 s until a dead one is noticed


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Start three brokers that hold a copy of everything each; two have to have what is acknowledged."""
    with Cluster(3, properties={**PROPERTIES, **_QUICKER}) as running:
        yield running


def lead_again(settings: KafkaSettings, topics: list[str]) -> None:
    """Give the topics back to their first leaders, once these have caught up."""
    wait_until(lambda: all(in_sync(settings, topic) == 3 for topic in topics), 60, lambda: "a replica stays behind")
    elect_preferred(settings, topics)


def test_leaders_move_and_replicas_are_missing(cluster: Cluster, lines: list[Line]) -> None:
    """A leader dies, then labels have too few replicas, then all are back and lead again: nothing is lost."""
    for line in lines:
        line.begin(5_000, transaction_ms=60_000)
    for line in lines:
        line.wait_begun()
        line.feed.keep(2_000)
    dead = cluster.brokers[leaders(lines[0].settings, lines[0].settings.input_topic)[0] - 1]
    dead.kill()
    for line in lines:
        line.wait_further(60)
        assert dead.node.id not in leaders(line.settings, line.settings.output_topic)
        ask_replicas(line.settings, line.settings.output_topic, 3)
    for line in lines:
        line.wait_still(3)
    dead.start()
    for line in lines:
        line.wait_further(90)
        lead_again(line.settings, [line.settings.input_topic, line.settings.output_topic])
        assert dead.node.id in leaders(line.settings, line.settings.output_topic)
    for line in lines:
        line.wait_further(30)
        line.check()

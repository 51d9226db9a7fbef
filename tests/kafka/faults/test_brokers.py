"""A broker that is killed and restarted."""

import pytest

from deploy.kafka import Cluster
from tests.kafka.support.deployment import Deployment
from tests.kafka.support.outage import outage

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


def test_a_killed_broker_comes_back(cluster: Cluster, deployments: list[Deployment]) -> None:
    """The worker waits for the broker, continues by itself, and loses nothing."""
    for deployment in deployments:
        deployment.begin(10_000, transaction_ms=60_000)
    for deployment in deployments:
        deployment.wait_begun()
    with outage(cluster, deployments):
        pass
    for deployment in deployments:
        deployment.feed.add(1_000)
    for deployment in deployments:
        deployment.check()

"""A network between worker and broker that fails."""

import pytest

from tests.kafka.support.deployment import Deployment
from tests.kafka.support.modes import LONG
from tests.kafka.support.proxy import Proxy

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

_REFUSED_S = 5
# Either exceeds the group's session time-out; the long one exceeds the requests' time-out as well.
_SILENT_S = 35 if LONG else 10


def test_the_network_fails(proxy: Proxy, deployments: list[Deployment]) -> None:
    """The worker survives refused connections and then unanswered ones, and nothing is lost."""
    for deployment in deployments:
        deployment.workers.servers = f"127.0.0.1:{proxy.port}"
        deployment.begin(5_000, transaction_ms=120_000)
    for deployment in deployments:
        deployment.wait_begun()
    for fail, seconds in ((proxy.cut, _REFUSED_S), (proxy.hold, _SILENT_S)):
        for deployment in deployments:
            deployment.feed.keep(2_000)
        fail()
        for deployment in deployments:
            deployment.wait_standstill(seconds)
        proxy.restore()
        for deployment in deployments:
            deployment.wait_progress(90)
    for deployment in deployments:
        deployment.check()

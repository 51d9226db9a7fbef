"""What is promised while the network between worker and broker fails."""

import pytest

from tests.kafka.conftest import LONG
from tests.kafka.proxy import Proxy
from tests.kafka.workers import Line

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

_REFUSED_S = 5
_SILENT_S = 35 if LONG else 10  # the session ends in both, in the long form requests do; each line waits as long


def test_the_network_fails(proxy: Proxy, lines: list[Line]) -> None:
    """Connections are cut and refused, then taken and met with silence: the worker lives on, and nothing is lost."""
    for line in lines:
        line.workers.servers = f"127.0.0.1:{proxy.port}"
        line.begin(5_000, transaction_ms=120_000)
    for line in lines:
        line.wait_begun()
    for fail, seconds in ((proxy.cut, _REFUSED_S), (proxy.hold, _SILENT_S)):
        for line in lines:
            line.feed.keep(2_000)
        fail()
        for line in lines:
            line.wait_still(seconds)
        proxy.restore()
        for line in lines:
            line.wait_further(90)
    for line in lines:
        line.check()

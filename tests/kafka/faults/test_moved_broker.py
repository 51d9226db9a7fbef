"""The only broker is gone, and comes back under another address."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploy.kafka import Cluster
from deploy.kafka.ports import free_ports
from tests.kafka.conftest import PROPERTIES
from tests.kafka.support.deployment import Deployment
from tests.kafka.support.tweets import Feed
from tests.kafka.support.waiting import wait_until
from worker.kafka import live_brokers

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Start a broker of this test: it does not come back where it was."""
    with Cluster(properties=PROPERTIES) as running:
        yield running


def moved(cluster: Cluster, port: int) -> str:
    """Start the killed broker at another port, with its data; return the address."""
    [broker], old, new = cluster.brokers, cluster.bootstrap_servers, f"127.0.0.1:{port}"
    path = broker.folder / "server.properties"
    path.write_text(path.read_text().replace(f"PLAINTEXT://{old}", f"PLAINTEXT://{new}"))
    broker.start()
    wait_until(lambda: live_brokers(new) == 1, 120, lambda: f"the broker does not start at {new}")
    return new


def wait_silence(deployment: Deployment, check: str) -> None:
    """Wait until a health check says that no broker answers."""
    workers, [worker] = deployment.workers, deployment.workers.running
    wait_until(
        lambda: (
            workers.health(worker, check)[0] == 503 and "no broker has answered" in workers.health(worker, check)[1]
        ),
        60,
        lambda: f"{check}: {workers.health(worker, check)}",
    )


def test_a_broker_that_moves_is_found(
    cluster: Cluster, deployments: list[Deployment], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers say that no broker answers, live or not, and continue by themselves where it comes back."""
    for name, value in {"LIVENESS_DEADLINE": "15s", "DELIVERY_TIMEOUT": "10s", "CONNECT_TIMEOUT": "10s"}.items():
        monkeypatch.setenv(f"CASCADE_{name}", value)
    [port] = free_ports(1)
    for deployment in deployments:
        deployment.workers.servers = f"{cluster.bootstrap_servers},127.0.0.1:{port}"
        deployment.begin(200)
        deployment.workers.wait_done(60)
    cluster.brokers[0].kill()
    for check in ("readyz", "livez"):
        for deployment in deployments:
            wait_silence(deployment, check)
            [worker] = deployment.workers.running
            assert deployment.workers.metric(worker, "cascade_broker_silence_seconds") > 10
    address = moved(cluster, port)
    for deployment in deployments:
        settings = deployment.settings.model_copy(update={"bootstrap_servers": address})
        deployment.workers.settings = settings
        feed = Feed(settings)
        feed.count = deployment.feed.count
        feed.add(200)
        replace(deployment, settings=settings, feed=feed).check(90)
        [worker] = deployment.workers.running
        assert deployment.workers.health(worker, "readyz") == (200, "ok\n")

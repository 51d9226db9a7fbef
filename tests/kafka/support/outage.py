"""An outage of the only broker."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from deploy.kafka import Cluster
from tests.kafka.support.deployment import Deployment

_TWEETS = (5_000, 20_000, 80_000)


@contextmanager
def outage(cluster: Cluster, deployments: Sequence[Deployment] = ()) -> Iterator[None]:
    """Kill the broker while all workers have tweets left; start it again however the block ends."""
    try:
        _kill_under_load(cluster, deployments)
        yield
    finally:
        _restart(cluster)


def _kill_under_load(cluster: Cluster, deployments: Sequence[Deployment]) -> None:
    """Kill the broker; where workers were done before it died, restart it and try again with more tweets."""
    for count in _TWEETS:
        for deployment in deployments:
            deployment.feed.keep(count)
        cluster.brokers[0].kill()
        if all(deployment.workers.busy() for deployment in deployments):
            return
        _restart(cluster)
    raise AssertionError(f"no tweets of {_TWEETS[-1]} were left when the broker died")


def _restart(cluster: Cluster) -> None:
    if not cluster.brokers[0].process:
        cluster.brokers[0].start()
    cluster.wait_ready()

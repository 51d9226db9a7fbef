"""Memory of a worker that is never idle."""

import logging
import statistics
import time

import pytest

from tests.kafka.support.deployment import Deployment
from tests.kafka.support.modes import LONG

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1800 if LONG else 240)]

log = logging.getLogger(__name__)

_WARM_UP_S, _SECONDS = (120, 600) if LONG else (8, 12)
_GROWTH = 0.03 if LONG else 0.10
_BATCH = 1024  # the default
_MIB = 2**20


def resident(deployment: Deployment) -> float:
    """Return the resident memory of the deployment's worker, in MiB."""
    return deployment.workers.metric(deployment.workers.running[0], "process_resident_memory_bytes") / _MIB


def watch(deployments: list[Deployment], seconds: float) -> list[list[float]]:
    """Keep the deployments' workers busy for that long; return each one's memory, in MiB, once a second."""
    found: list[list[float]] = [[] for _ in deployments]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for deployment, sizes in zip(deployments, found, strict=True):
            deployment.feed.keep(20_000)
            sizes.append(resident(deployment))
        time.sleep(1)
    return found


def test_memory_stays_flat(deployments: list[Deployment]) -> None:
    """After a warm-up the memory of a worker at full throughput does not grow, and no label is lost."""
    for deployment in deployments:
        deployment.feed.add(40_000)
        deployment.workers.start(_BATCH, transaction_ms=60_000)
    for deployment in deployments:
        deployment.wait_begun()
    watch(deployments, _WARM_UP_S)
    begun = [deployment.done() for deployment in deployments]
    start = time.monotonic()
    for deployment, sizes, before in zip(deployments, watch(deployments, _SECONDS), begun, strict=True):
        third = max(1, len(sizes) // 3)
        early, late = statistics.median(sizes[:third]), statistics.median(sizes[-third:])
        rate = (deployment.done() - before) / (time.monotonic() - start)
        log.info("%s: %.0f tweets/s, %.1f MiB after the warm-up, %.1f MiB at the end, %.1f at most",
                 deployment.workers.delivery, rate, early, late, max(sizes))  # fmt: skip
        assert late < early * (1 + _GROWTH)
    for deployment in deployments:
        deployment.check()

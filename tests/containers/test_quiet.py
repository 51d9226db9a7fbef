"""A quiet demo: the producer's tweets raise no alert."""

import logging
import math
import time

import pytest

from tests.containers.stack import WORKERS, Stack, wait_until
from tests.containers.watch import Watch

pytestmark = [pytest.mark.containers, pytest.mark.timeout(300)]
log = logging.getLogger(__name__)


def drifts(stack: Stack) -> list[float]:
    """Return each worker's drift index; NaN before it has seen a thousand tweets."""
    return [float(series["value"][1]) for series in stack.series("cascade_drift_index")]


def test_a_quiet_demo_raises_no_alert(stack: Stack, watch: Watch) -> None:
    """With the producer at work Prometheus sees all workers and evaluates all rules; none is even pending."""
    stack.compose("--profile", "demo", "up", "--detach", "--no-recreate", "--scale", f"worker={WORKERS}", seconds=300)
    wait_until(
        lambda: len(found := drifts(stack)) == WORKERS and not any(map(math.isnan, found)), 200, lambda: drifts(stack)
    )
    time.sleep(20)  # longer than two scrapes and an evaluation
    rules = [rule for group in stack.ask_prometheus("rules")["groups"] for rule in group["rules"]]
    assert {rule["health"] for rule in rules} == {"ok"}, rules
    assert stack.ask_prometheus("alerts")["alerts"] == []
    stack.compose("--profile", "demo", "stop", "producer")
    log.info("drift indices %s", [round(found, 2) for found in drifts(stack)])
    check_peaks(watch)


def check_peaks(watch: Watch) -> None:
    """Fail unless every container stayed below its limit of memory; log the peaks."""
    for name, (used, limit, cpus) in sorted(watch.peaks().items()):
        log.info("%s: %.0f of %.0f MiB, %.2f CPUs", name, used, limit, cpus)
        assert used < 0.9 * limit
        assert cpus < 2.2  # 2, and what the sampling misses

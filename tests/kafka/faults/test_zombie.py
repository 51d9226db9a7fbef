"""A worker that is suspended in the middle of a batch and resumes when other members have its partitions."""

import signal
import subprocess

import pytest

from tests.kafka.support.admin import open_transactions
from tests.kafka.support.auditor import members
from tests.kafka.support.deployment import Deployment
from tests.kafka.support.modes import LONG
from tests.kafka.support.tweets import group_of
from tests.kafka.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900 if LONG else 240)]


def suspend_in_batch(deployment: Deployment, worker: subprocess.Popen[bytes]) -> None:
    """Suspend the process with a batch in flight; under exactly once, with an open transaction."""
    group = group_of(deployment.settings)

    def suspended() -> bool:
        deployment.feed.keep(2_000)
        worker.send_signal(signal.SIGSTOP)
        if deployment.workers.delivery == "at_least_once" or open_transactions(deployment.settings, group):
            return True
        worker.send_signal(signal.SIGCONT)
        return False

    wait_until(suspended, 60, lambda: "the worker is never in a transaction: " + deployment.workers.logs())


def wait_removed(deployment: Deployment) -> None:
    """Wait until the group has removed the suspended worker."""
    group = group_of(deployment.settings)
    wait_until(lambda: members(deployment.settings, group) == 1, 60, lambda: "the group keeps the suspended worker")


@pytest.mark.parametrize("transaction_ms", [3_000, 20_000], ids=["aborted", "open"])
def test_a_zombie_publishes_nothing_that_is_seen(deployments: list[Deployment], transaction_ms: int) -> None:
    """Other members label the zombie's batch; it continues or ends with exit code 1, and doubles nothing.

    When it resumes, the broker has aborted its transaction, or the transaction is still open, unless the machine is
    very slow.
    """
    for deployment in deployments:
        deployment.begin(3_000, transaction_ms=transaction_ms)
    for deployment in deployments:
        deployment.wait_begun()
    zombies = [deployment.workers.running[0] for deployment in deployments]
    for deployment, zombie in zip(deployments, zombies, strict=True):
        suspend_in_batch(deployment, zombie)
        deployment.workers.start(transaction_ms=transaction_ms)
    for deployment in deployments:
        deployment.wait_progress(60)
        wait_removed(deployment)
        deployment.feed.keep(2_000)
    for zombie in zombies:
        zombie.send_signal(signal.SIGCONT)
    for deployment, zombie in zip(deployments, zombies, strict=True):
        deployment.workers.wait_done(120)
        if zombie.poll() is not None:
            assert zombie.returncode == 1, deployment.workers.logs()
            assert "Traceback" not in deployment.workers.logs()
            deployment.workers.running.remove(zombie)
        deployment.check()

"""What is promised of a worker that sleeps in the middle of a batch and wakes when others have its partitions."""

import signal
import subprocess

import pytest

from tests.kafka.admin import open_transactions
from tests.kafka.auditor import members
from tests.kafka.conftest import LONG
from tests.kafka.workers import Line, group_of, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900 if LONG else 240)]


def sleep_in_batch(line: Line, worker: subprocess.Popen[bytes]) -> None:
    """Stop the process with work in hand: in the middle of a transaction, where there are any."""

    def asleep() -> bool:
        line.feed.keep(2_000)
        worker.send_signal(signal.SIGSTOP)
        if line.workers.delivery == "at_least_once" or open_transactions(line.settings, group_of(line.settings)):
            return True
        worker.send_signal(signal.SIGCONT)
        return False

    wait_until(asleep, 60, lambda: "it is never in a transaction: " + line.workers.logs())


def wait_dropped(line: Line) -> None:
    """Return when the group has one member, the one that is awake."""
    group = group_of(line.settings)
    wait_until(lambda: members(line.settings, group) == 1, 60, lambda: "the group keeps the sleeper")


@pytest.mark.parametrize("transaction_ms", [3_000, 20_000], ids=["aborted", "open"])
def test_a_zombie_publishes_nothing_that_is_seen(lines: list[Line], transaction_ms: int) -> None:
    """What it had in hand is done by others; it goes on or ends with one line, and under exactly once unseen.

    The broker has aborted its transaction meanwhile, or, unless the machine is very slow, it wakes while that is open.
    """
    for line in lines:
        line.begin(3_000, transaction_ms=transaction_ms)
    for line in lines:
        line.wait_begun()
    zombies = [line.workers.running[0] for line in lines]
    for line, zombie in zip(lines, zombies, strict=True):
        sleep_in_batch(line, zombie)
        line.workers.start(transaction_ms=transaction_ms)
    for line in lines:
        line.wait_further(60)
        wait_dropped(line)
        line.feed.keep(2_000)
    for zombie in zombies:
        zombie.send_signal(signal.SIGCONT)
    for line, zombie in zip(lines, zombies, strict=True):
        line.workers.wait_done(120)
        if zombie.poll() is not None:
            assert zombie.returncode == 1, line.workers.logs()
            assert "Traceback" not in line.workers.logs()
            line.workers.running.remove(zombie)
        line.check()

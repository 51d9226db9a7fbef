"""What is promised while workers come, go and die: every produced id is accounted for from outside."""

import random
import time

import pytest

from tests.kafka.auditor import audit, members
from tests.kafka.conftest import LONG
from tests.kafka.workers import Feed, Workers, group_of, wait_until
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500 if LONG else 240)]

both_modes = pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])


def wait_first_commit(workers: Workers, feed: Feed) -> None:
    """Return when the workers have begun."""
    wait_until(lambda: feed.left() < feed.count, 90, lambda: "nothing is committed yet: " + workers.logs())


def kill_busy(workers: Workers, feed: Feed, randomly: random.Random) -> None:
    """Kill, at a random moment, one of the workers that have records to label; feed them until there is one."""

    def killed() -> bool:
        feed.keep(2000)
        time.sleep(randomly.uniform(0.1, 2.0))
        busy = workers.busy()
        if busy:
            workers.kill(randomly.choice(busy))
        return bool(busy)

    # On a crowded machine all may have been killed before their successors are up, which then takes a minute.
    wait_until(killed, 180, lambda: f"no worker has work, {feed.left()} left: {workers.logs()}")


@both_modes
def test_sigkill_at_random_moments(workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """Three workers, killed in the middle of their work again and again, leave no tweet without a label."""
    feed.add(100_000 if LONG else 6_000)
    for _ in range(3):
        workers.start()
    wait_first_commit(workers, feed)
    randomly = random.Random(4)  # noqa: S311 (moments, no secrets)
    for _ in range(20 if LONG else 4):
        kill_busy(workers, feed, randomly)
        workers.start()
    workers.wait_done(900 if LONG else 120)
    audit(settings).check(feed.count, delivery)


@both_modes
def test_sigterm_under_load(workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """A rolling update waits no longer than ten seconds; the group is left, nothing is lost and nothing doubled."""
    feed.add(20_000)
    first = workers.start()
    wait_first_commit(workers, feed)
    feed.keep(5_000)
    start = time.monotonic()
    first.terminate()
    assert first.wait(30) == 0, workers.logs()
    assert time.monotonic() - start < 10
    assert feed.left() > 0, "it was to be stopped in the middle"
    assert members(settings, group_of(settings)) == 0
    workers.start(1000)
    workers.wait_done(90)
    found = audit(settings)
    found.check(feed.count, delivery)
    assert not found.doubled


@both_modes
def test_workers_that_come_and_go(workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """A rebalance storm: each worker that has joined under load makes room for the next one at once."""
    feed.add(3_000)
    last = workers.start(20)
    for _ in range(8 if LONG else 3):
        joined = workers.start(20)

        def has_partitions(joined: object = joined) -> bool:
            feed.keep(1_000)
            return joined in workers.busy()

        wait_until(has_partitions, 60, lambda: "the new one gets no partition: " + workers.logs())
        last.terminate()
        assert last.wait(30) == 0, workers.logs()
        workers.running.remove(last)
        last = joined
    workers.wait_done(120)
    audit(settings).check(feed.count, delivery)

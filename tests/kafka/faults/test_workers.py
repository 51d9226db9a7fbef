"""Workers that join, leave and are killed: the auditor accounts for every id produced."""

import random
import time

import pytest

from tests.kafka.support.auditor import audit, members
from tests.kafka.support.modes import LONG, both_modes
from tests.kafka.support.tweets import Feed, group_of
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500 if LONG else 240)]


def kill_busy(workers: Workers, feed: Feed, randomly: random.Random) -> None:
    """Kill a worker with a lag at a random moment; produce tweets until there is one."""

    def killed() -> bool:
        feed.keep(2000)
        time.sleep(randomly.uniform(0.1, 2.0))
        busy = workers.busy()
        if busy:
            workers.kill(randomly.choice(busy))
        return bool(busy)

    # On a busy machine all workers may be dead before their successors have started, which takes up to a minute.
    wait_until(killed, 180, lambda: f"no worker has a lag, {feed.left()} tweets left: {workers.logs()}")


@both_modes
def test_sigkill_at_random_moments(workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """No tweet is lost, and none doubled under exactly once, when workers are killed again and again under load."""
    feed.add(100_000 if LONG else 6_000)
    for _ in range(3):
        workers.start()
    workers.wait_first_commit(feed)
    randomly = random.Random(4)  # noqa: S311 (moments, no secrets)
    for _ in range(20 if LONG else 4):
        kill_busy(workers, feed, randomly)
        workers.start()
    workers.wait_done(900 if LONG else 120)
    audit(settings).check(feed.count, delivery)


@both_modes
def test_sigterm_under_load(workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """SIGTERM ends a busy worker within ten seconds; it leaves the group, and nothing is lost or doubled."""
    feed.add(20_000)
    first = workers.start()
    workers.wait_first_commit(feed)
    feed.keep(20_000)
    start = time.monotonic()
    first.terminate()
    assert first.wait(30) == 0, workers.logs()
    assert time.monotonic() - start < 10
    assert feed.left() > 0, "no tweets were left when the worker stopped"
    assert members(settings, group_of(settings)) == 0
    workers.start(1000)
    workers.wait_done(90)
    found = audit(settings)
    found.check(feed.count, delivery)
    assert not found.doubled


@both_modes
def test_rebalance_storm(workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """No tweet is lost when workers join and leave in quick succession under load."""
    feed.add(3_000)
    last = workers.start(20)
    for _ in range(8 if LONG else 3):
        joined = workers.start(20)

        def has_partitions(joined: object = joined) -> bool:
            feed.keep(1_000)
            return joined in workers.busy()

        wait_until(has_partitions, 60, lambda: "the new worker gets no partition: " + workers.logs())
        last.terminate()
        assert last.wait(30) == 0, workers.logs()
        workers.running.remove(last)
        last = joined
    workers.wait_done(120)
    audit(settings).check(feed.count, delivery)

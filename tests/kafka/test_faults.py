"""What is promised while things break: every produced id is accounted for from outside."""

import logging
import random
import time
from contextlib import closing

import pytest

from deploy.kafka import Cluster
from tests.helpers import tweet
from tests.kafka.auditor import audit, members, uncommitted
from tests.kafka.conftest import LONG, Workers, group_of, wait_until
from worker.connectors import KafkaSink
from worker.settings import KafkaSettings
from worker.types import Message

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500 if LONG else 240)]


log = logging.getLogger(__name__)


def produce(settings: KafkaSettings, values: list[bytes]) -> None:
    """Send values to the input topic."""
    with closing(KafkaSink(settings)) as sink:
        for begin in range(0, len(values), 5000):
            sink.publish([Message(settings.input_topic, None, value) for value in values[begin : begin + 5000]])


def tweets(count: int) -> list[bytes]:
    """Return as many different tweets."""
    return [tweet(n, f"flood {n} in the valley") for n in range(count)]


def test_sigkill_at_random_moments_loses_nothing(workers: Workers, settings: KafkaSettings) -> None:
    """At least once: three workers, killed again and again, leave no tweet without a label."""
    count, kills = (100_000, 20) if LONG else (6_000, 4)
    produce(settings, tweets(count))
    for _ in range(3):
        workers.start("--batch-size", "100")
    randomly, made = random.Random(), 0  # noqa: S311 (moments, no secrets)
    group = group_of(settings)
    wait_until(lambda: uncommitted(settings, group) < count, 90, "nothing is committed yet: " + workers.logs())
    for _ in range(kills):
        time.sleep(randomly.uniform(0.1, 3.0))
        made += uncommitted(settings, group) > 0
        workers.kill(randomly.choice(workers.running))
        workers.start("--batch-size", "100")
    workers.wait_done(900 if LONG else 120)
    found = audit(settings)
    log.info("%d tweets, %d kills, %d under load: %d labels doubled", count, kills, made, found.doubled)
    assert set(found.labels) == set(range(count))
    assert made > 0, "at least one kill was to come while there was work"


def test_sigterm_under_load_ends_in_ten_seconds(workers: Workers, settings: KafkaSettings) -> None:
    """A rolling update waits no longer; the group is left, nothing is lost and nothing doubled."""
    produce(settings, tweets(20_000))
    first = workers.start("--batch-size", "100")
    wait_until(lambda: uncommitted(settings, group_of(settings)) < 20_000, 60, "no commit: " + workers.logs())
    start = time.monotonic()
    first.terminate()
    assert first.wait(30) == 0, workers.logs()
    assert time.monotonic() - start < 10
    assert uncommitted(settings, group_of(settings)) > 0, "it was to be stopped in the middle"
    assert members(settings, group_of(settings)) == 0
    workers.start()
    workers.wait_done(90)
    found = audit(settings)
    assert (set(found.labels), found.doubled) == (set(range(20_000)), 0)


def test_a_killed_broker_comes_back(workers: Workers, settings: KafkaSettings, cluster: Cluster) -> None:
    """The worker waits for the broker, goes on, and loses nothing."""
    produce(settings, tweets(10_000))
    worker = workers.start("--batch-size", "100")
    wait_until(lambda: uncommitted(settings, group_of(settings)) < 10_000, 60, "no commit: " + workers.logs())
    cluster.brokers[0].kill()
    cluster.brokers[0].start()
    cluster.wait_ready()
    produce(settings, [tweet(n) for n in range(10_000, 11_000)])
    workers.wait_done(120)
    assert worker.poll() is None, workers.logs()
    assert set(audit(settings).labels) == set(range(11_000))


def test_workers_that_come_and_go_lose_nothing(workers: Workers, settings: KafkaSettings) -> None:
    """A rebalance storm: every few seconds a worker joins or leaves."""
    produce(settings, tweets(6_000))
    workers.start("--batch-size", "20")
    for _ in range(4):
        joined = workers.start("--batch-size", "20")
        time.sleep(6)  # Python's start and the join; the point is the next change during the rebalance
        joined.terminate()
        assert joined.wait(30) == 0, workers.logs()
    workers.wait_done(120)
    assert set(audit(settings).labels) == set(range(6_000))


def test_hostile_records_stop_nothing(workers: Workers, settings: KafkaSettings) -> None:
    """Each good record is labelled once and each bad one dead-lettered once, on the real server too."""
    hostile = [b"\xff\xfe", b"{", b"[" * 50_000, b'{"id": 1}', b'{"id": [], "text": "x"}', b"null",
               b'{"id": 2, "text": ""}', b'{"id": 3, "text": "' + b"x" * 100_000 + b'"}', b"", b"\x00"]  # fmt: skip
    bad = hostile * (1000 if LONG else 20)
    values = [*tweets(1000), *bad]
    random.Random(7).shuffle(values)  # noqa: S311 (an order, no secret)
    produce(settings, values)
    worker = workers.start()
    workers.wait_done(300)
    assert worker.poll() is None, workers.logs()
    found = audit(settings)
    assert (set(found.labels), found.doubled) == (set(range(1000)), 0)
    assert (len(found.letters), found.letters.total()) == (len(bad), len(bad))

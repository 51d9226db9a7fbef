"""SIGKILL of workers and of Kafka under load: the auditor of the Kafka tests accounts for every tweet."""

import random
import time

import pytest

from tests.containers.stack import Stack
from tests.containers.test_quiet import check_peaks
from tests.containers.watch import Watch
from tests.kafka.support.auditor import audit
from tests.kafka.support.tweets import Feed, group_of
from tests.kafka.support.waiting import wait_until
from worker.kafka import create_topics
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.containers, pytest.mark.timeout(400)]


def settings_of(stack: Stack, delivery: str) -> KafkaSettings:
    """Return settings with topics of the test's own; create them."""
    names = {f"{kind}_topic": f"{kind}-{delivery}" for kind in ("input", "output", "dead_letter")}
    made = KafkaSettings(bootstrap_servers=stack.servers, **names)  # type: ignore[arg-type]
    create_topics(made, list(names.values()), 12, 1)
    return made


def environment(settings: KafkaSettings, delivery: str) -> dict[str, str]:
    """Return the settings of the workers."""
    topics = {f"CASCADE_{kind}_TOPIC": getattr(settings, f"{kind.lower()}_topic") for kind in ("INPUT", "OUTPUT")}
    return {
        **topics, "CASCADE_DEAD_LETTER_TOPIC": settings.dead_letter_topic, "CASCADE_DELIVERY": delivery,
        "CASCADE_GROUP_ID": group_of(settings), "CASCADE_BATCH_SIZE": "100",
        "CASCADE_TRANSACTION_TIMEOUT": "5s", "CASCADE_SESSION_TIMEOUT": "6s",
    }  # fmt: skip


@pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])
def test_sigkill_under_load(stack: Stack, watch: Watch, delivery: str) -> None:
    """Docker starts what was killed again; nothing is lost, and nothing doubled under exactly once."""
    settings = settings_of(stack, delivery)
    stack.scale(environment(settings, delivery))
    feed, randomly = Feed(settings), random.Random(7)  # noqa: S311 (moments, no secrets)
    feed.add(6_000)
    wait_until(lambda: feed.left() < feed.count, 90, lambda: "nothing is committed: " + stack.logs("worker"))
    for service in ("worker", "kafka", "worker"):
        feed.keep(3_000)
        time.sleep(randomly.uniform(0.2, 1.5))
        stack.kill(randomly.choice(stack.containers(service)))
        stack.wait_healthy("kafka")
    wait_until(lambda: feed.left() == 0, 120, lambda: f"{feed.left()} left: " + stack.logs("worker"))
    audit(settings).check(feed.count, delivery)
    restarts = [stack.inspect(c)["RestartCount"] for name in ("worker", "kafka") for c in stack.containers(name)]
    assert sum(restarts) >= 3
    check_peaks(watch)

"""An input topic that is deleted while the worker runs."""

import pytest

from tests.helpers import tweet
from tests.kafka.support.admin import delete_topic
from tests.kafka.support.auditor import audit
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import produce
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.kafka import create_topics
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


@both_modes
def test_a_deleted_input_topic_is_reported(workers: Workers, settings: KafkaSettings, delivery: str) -> None:
    """The worker is not ready without its topic, and says so; once it exists again, the worker continues by itself."""
    worker = workers.start()
    produce(settings, [tweet(n) for n in range(30)])
    workers.wait_done(60)
    wait_until(lambda: workers.health(worker, "readyz")[0] == 200, 30, lambda: "not ready: " + workers.logs())
    delete_topic(settings, settings.input_topic)
    answer = (503, f"the input topic {settings.input_topic} does not exist any more\n")
    wait_until(
        lambda: workers.health(worker, "readyz") == answer, 60, lambda: f"{workers.health(worker, 'readyz')} is said"
    )
    assert workers.health(worker, "livez")[0] == 200
    create_topics(settings, [settings.input_topic], 2, 1)
    produce(settings, [tweet(n) for n in range(30, 90)])
    wait_until(lambda: audit(settings).labels.total() >= 90, 90, lambda: "nothing is labelled: " + workers.logs())
    audit(settings).check(90, delivery)
    assert workers.health(worker, "readyz") == (200, "ok\n")

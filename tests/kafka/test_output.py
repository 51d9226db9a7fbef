"""An output topic that is deleted while the worker runs."""

import pytest

from tests.kafka.support.admin import delete_topic
from tests.kafka.support.auditor import audit
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import Feed
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.errors import DeliveryError
from worker.kafka import KafkaSink, create_topics
from worker.settings import KafkaSettings
from worker.types import Message

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


@both_modes
def test_an_output_topic_that_comes_back(workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """Nothing is committed while the topic is missing; once it exists again, the worker continues by itself."""
    worker = workers.start(1000)
    feed.add(100)
    workers.wait_done(60)
    classified = "cascade_stage_seconds_count"
    before = workers.metric(worker, classified)
    delete_topic(settings, settings.output_topic)
    feed.add(1000)
    wait_until(
        lambda: workers.metric(worker, classified) > before, 60, lambda: "the worker labels nothing: " + workers.logs()
    )
    assert feed.left() == 1000
    create_topics(settings, [settings.output_topic], 3, 1)
    workers.wait_done(90)
    assert worker.poll() is None, workers.logs()
    labels = audit(settings).labels
    assert labels.keys() == set(range(100, 1100))
    assert delivery == "at_least_once" or labels.total() == 1000


@both_modes
def test_an_output_topic_that_stays_deleted(
    workers: Workers, feed: Feed, settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker ends with a line that names the topic, and commits nothing that it could not publish."""
    monkeypatch.setenv("CASCADE_DELIVERY_TIMEOUT", "5s")
    worker = workers.start(1000)
    feed.add(100)
    workers.wait_done(60)
    delete_topic(settings, settings.output_topic)
    feed.add(1000)
    assert worker.wait(60) == 1, workers.logs()
    assert feed.left() == 1000
    assert f"topic {settings.output_topic} does not exist any more" in workers.logs()
    assert "Traceback" not in workers.logs()


@both_modes
def test_an_output_topic_that_comes_back_smaller(
    workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str
) -> None:
    """Labels that wait for a partition that is gone go to the others; the worker continues by itself."""
    worker = workers.start(1000)
    feed.add(300)
    workers.wait_done(60)
    delete_topic(settings, settings.output_topic)
    feed.add(600)
    create_topics(settings, [settings.output_topic], 1, 1)
    workers.wait_done(60)
    assert worker.poll() is None, workers.logs()
    labels = audit(settings).labels
    assert labels.keys() == set(range(300, 900))
    assert delivery == "at_least_once" or labels.total() == 600


def test_a_failed_producer_leaves_no_thread(settings: KafkaSettings) -> None:
    """A producer that cannot deliver ends its thread when closed; else every aborted batch would leave one."""
    sink = KafkaSink(settings, 60_000)
    message = [Message(settings.output_topic, None, b"x")]
    sink.publish(message)
    delete_topic(settings, settings.output_topic)
    sink._timeout_s = 1  # the sink gives up before the client's own time-out
    with pytest.raises(DeliveryError, match="does not exist any more"):
        sink.publish(message)
    sink.close()
    assert not sink._producer._sender.is_alive()

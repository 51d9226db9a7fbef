"""An output topic that is away while the worker runs."""

import pytest
from confluent_kafka.admin import AdminClient

from tests.kafka.auditor import audit
from tests.kafka.test_faults import both_modes
from tests.kafka.workers import Feed, Workers, wait_until
from worker.errors import DeliveryError
from worker.kafka import KafkaSink, create_topics
from worker.settings import KafkaSettings
from worker.types import Message

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


def delete(settings: KafkaSettings, topic: str) -> None:
    """Delete a topic, as somebody does by mistake."""
    admin = AdminClient({"bootstrap.servers": settings.bootstrap_servers})
    admin.delete_topics([topic])[topic].result(30)
    wait_until(lambda: topic not in admin.list_topics(timeout=10).topics, 30, lambda: f"{topic} stays")


@both_modes
def test_an_output_topic_that_comes_back(workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str) -> None:
    """What could not be published is not committed; once the topic is there again, the worker goes on by itself."""
    worker = workers.start(1000)
    feed.add(100)
    workers.wait_done(60)
    classified = "cascade_stage_seconds_count"
    before = workers.metric(worker, classified)
    delete(settings, settings.output_topic)
    feed.add(1000)
    wait_until(lambda: workers.metric(worker, classified) > before, 60, lambda: "it labels nothing: " + workers.logs())
    assert feed.left() == 1000
    create_topics(settings, [settings.output_topic], 3, 1)
    workers.wait_done(90)
    assert worker.poll() is None, workers.logs()
    labels = audit(settings).labels
    assert labels.keys() == set(range(100, 1100))
    assert delivery == "at_least_once" or labels.total() == 1000


@both_modes
def test_an_output_topic_that_stays_away(
    workers: Workers, feed: Feed, settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker ends with a line that names the topic, and commits nothing of what it could not publish."""
    monkeypatch.setenv("CASCADE_DELIVERY_TIMEOUT", "5s")
    worker = workers.start(1000)
    feed.add(100)
    workers.wait_done(60)
    delete(settings, settings.output_topic)
    feed.add(1000)
    assert worker.wait(60) == 1, workers.logs()
    assert feed.left() == 1000
    assert f"topic {settings.output_topic} does not exist any more" in workers.logs()
    assert "Traceback" not in workers.logs()


def test_a_client_that_gave_up_is_gone(settings: KafkaSettings) -> None:
    """No thread of it goes on trying: it would be one more after each aborted batch."""
    sink = KafkaSink(settings, 60_000)
    message = [Message(settings.output_topic, None, b"x")]
    sink.publish(message)
    delete(settings, settings.output_topic)
    sink._timeout_s = 1  # the worker's patience ends a moment before the client's, as it may
    with pytest.raises(DeliveryError, match="does not exist any more"):
        sink.publish(message)
    sink.close()
    assert not sink._producer._sender.is_alive()

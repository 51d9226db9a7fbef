"""Times of records that a broker does not accept."""

import pytest

from tests.kafka.support.admin import set_topic_config
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import Feed
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


@pytest.mark.usefixtures("delivery")
@both_modes
def test_a_clock_that_is_off_is_named(workers: Workers, feed: Feed, settings: KafkaSettings) -> None:
    """Where the broker refuses the time of the labels, the worker ends with 1 and says what to correct."""
    set_topic_config(settings, settings.output_topic, "message.timestamp.before.max.ms", 0)
    feed.add(100)
    worker = workers.start()
    assert worker.wait(60) == 1, workers.logs()
    assert "message.timestamp.before.max.ms" in workers.logs(), workers.logs()
    assert feed.left() == 100

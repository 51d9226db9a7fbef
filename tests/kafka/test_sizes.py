"""Records and batches over a topic's size limit."""

import re

import pytest

from tests.kafka.support.admin import set_topic_config, topic_config
from tests.kafka.support.auditor import audit
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import Feed, produce
from tests.kafka.support.workers import Workers
from worker.__main__ import build_parser
from worker.cli import app
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


@both_modes
def test_a_record_that_is_too_large_stops_the_worker(
    workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str
) -> None:
    """The worker ends with one line and commits nothing of the batch; once the limit is raised, nothing is lost."""
    large = b"{" * 100_000
    set_topic_config(settings, settings.dead_letter_topic, "max.message.bytes", 50_000)
    feed.add(500)
    produce(settings, [b"{", large])
    feed.add(500)
    worker = workers.start(2000)
    assert worker.wait(60) == 1, workers.logs()
    # kafka-python may log that it gives up the batch's other records as well.
    [line] = [line for line in workers.logs().splitlines() if "error:" in line and " kafka." not in line]
    assert re.search(rf"{settings.input_topic}-\d at offset \d+ is 100,\d\d\d bytes", line), line
    assert f"--topic {settings.dead_letter_topic} --add-config max.message.bytes=" in line
    assert "Traceback" not in workers.logs()
    set_topic_config(settings, settings.dead_letter_topic, "max.message.bytes", 200_000)
    workers.running.remove(worker)
    workers.start(2000)
    workers.wait_done(60)
    found = audit(settings)
    found.check(1000, delivery)
    assert found.letter_values.keys() == {b"{", large}


@both_modes
def test_a_batch_over_the_limit_is_split(workers: Workers, feed: Feed, settings: KafkaSettings) -> None:
    """A limit below the size of a batch does not stop the worker if each record is within it."""
    set_topic_config(settings, settings.output_topic, "max.message.bytes", 10_000)
    feed.add(2000)
    worker = workers.start(2000)
    workers.wait_done(60)
    assert worker.poll() is None, workers.logs()
    audit(settings).check(feed.count)


def test_the_dead_letter_topic_accepts_the_largest_record(settings: KafkaSettings) -> None:
    """The topic that `topics` creates accepts any record that the worker sends."""
    name = f"made-{settings.input_topic}"
    arguments = [
        *("topics", "--bootstrap-servers", settings.bootstrap_servers, "--input-topic", settings.input_topic),
        *("--output-topic", settings.output_topic, "--dead-letter-topic", name, "--max-request-size", "7000000"),
    ]
    assert app.main(build_parser(), arguments) == 0
    assert topic_config(settings, name, "max.message.bytes") == "7000000"

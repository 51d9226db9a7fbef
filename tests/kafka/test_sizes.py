"""Records that are larger than a topic takes."""

import re

import pytest
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from tests.kafka.auditor import audit
from tests.kafka.test_faults import both_modes
from tests.kafka.workers import Feed, Workers, produce
from worker.__main__ import build_parser
from worker.cli import app
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


def limit(settings: KafkaSettings, topic: str, size: int) -> None:
    """Set how large a batch of records the topic takes, as an operator does."""
    entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": settings.bootstrap_servers})
    admin.incremental_alter_configs([resource])[resource].result(30)


@both_modes
def test_a_record_that_is_too_large_stops_the_worker(
    workers: Workers, feed: Feed, settings: KafkaSettings, delivery: str
) -> None:
    """It ends with one line and commits nothing of the batch; once the topic takes more, it loses nothing."""
    large = b"{" * 100_000
    limit(settings, settings.dead_letter_topic, 50_000)
    feed.add(500)
    produce(settings, [b"{", large])
    feed.add(500)
    worker = workers.start(2000)
    assert worker.wait(60) == 1, workers.logs()
    [line] = [line for line in workers.logs().splitlines() if "error:" in line]
    assert re.search(rf"{settings.input_topic}-\d at offset \d+ is 100,\d\d\d bytes", line), line
    assert f"--topic {settings.dead_letter_topic} --add-config max.message.bytes=" in line
    assert "Traceback" not in workers.logs()
    limit(settings, settings.dead_letter_topic, 200_000)
    workers.running.remove(worker)
    workers.start(2000)
    workers.wait_done(60)
    found = audit(settings)
    found.check(1000, delivery)
    assert found.letter_values.keys() == {b"{", large}


@both_modes
def test_a_batch_that_is_too_large_goes_in_parts(workers: Workers, feed: Feed, settings: KafkaSettings) -> None:
    """A topic whose limit is below what the worker puts together stops nothing: each record by itself is small."""
    limit(settings, settings.output_topic, 10_000)
    feed.add(2000)
    worker = workers.start(2000)
    workers.wait_done(60)
    assert worker.poll() is None, workers.logs()
    audit(settings).check(feed.count)


def test_the_dead_letter_topic_has_room(settings: KafkaSettings) -> None:
    """What `topics` creates takes any record that the worker sends."""
    name = f"made-{settings.input_topic}"
    arguments = [
        *("topics", "--bootstrap-servers", settings.bootstrap_servers, "--input-topic", settings.input_topic),
        *("--output-topic", settings.output_topic, "--dead-letter-topic", name, "--max-request-size", "7000000"),
    ]
    assert app.main(build_parser(), arguments) == 0
    admin = AdminClient({"bootstrap.servers": settings.bootstrap_servers})
    resource = ConfigResource(ResourceType.TOPIC, name)
    assert admin.describe_configs([resource])[resource].result(30)["max.message.bytes"].value == "7000000"

"""Header names of any bytes, on Apache Kafka."""

from contextlib import closing

import pytest

from schemas import Label
from tests.helpers import tweet
from tests.kafka.support.admin import set_topic_config
from tests.kafka.support.modes import both_modes
from tests.kafka.support.workers import Workers
from worker.kafka import KafkaSink, TopicScan
from worker.kafka.patches.header_names import HeaderName
from worker.settings import KafkaSettings
from worker.types import Message, Record

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]
NAMES = [b"trace-\xff\xfe", b"\xed\xa0\x80", b""]


@both_modes
def test_header_names_that_are_not_utf8(workers: Workers, settings: KafkaSettings) -> None:
    """Dead letters keep header names of any bytes, also when their batch is split; the tweets are labelled."""
    headers = [(HeaderName(name.decode("utf-8", "surrogateescape")), b"1") for name in NAMES]
    values = [value for n in range(100) for value in (tweet(n), b"{%d" % n)]
    with closing(KafkaSink(settings)) as sink:
        sink.publish([Message(settings.input_topic, None, value, list(headers)) for value in values])
    set_topic_config(settings, settings.dead_letter_topic, "max.message.bytes", 5_000)
    workers.start(1000)
    workers.wait_done(60)
    labels = [Label.model_validate_json(r.value or b"").id for r in content(settings, settings.output_topic)]
    assert sorted(labels, key=int) == list(range(100))
    letters = content(settings, settings.dead_letter_topic)
    assert sorted(letter.value or b"" for letter in letters) == sorted(b"{%d" % n for n in range(100))
    assert all([name.encode() for name, _ in letter.headers[:3]] == NAMES for letter in letters)


def content(settings: KafkaSettings, topic: str) -> list[Record]:
    """Return the records of a topic; the auditor's confluent-kafka cannot decode such names."""
    with closing(TopicScan(settings, topic)) as scan:
        return list(scan)

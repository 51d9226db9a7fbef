"""Header names of any bytes, on a real broker."""

from collections.abc import Callable
from contextlib import closing

import pytest

from tests.helpers import tweet
from tests.integration.topics import Outputs
from tests.integration.worker_process import WorkerProcess
from worker.kafka import KafkaSink
from worker.kafka.patches.header_names import HeaderName
from worker.settings import KafkaSettings
from worker.types import Message

pytestmark = pytest.mark.broker
NAME = b"trace-\xff\xfe"


def test_a_name_that_is_no_utf8_stops_nothing(
    start: Callable[..., WorkerProcess], topics: KafkaSettings, outputs: Outputs
) -> None:
    """A record with such a name is labelled or dead-lettered as any other, and its dead letter has the name's bytes."""
    headers = [(HeaderName(NAME.decode("utf-8", "surrogateescape")), b"1")]
    values = [tweet(1), b"{", tweet(2)]
    with closing(KafkaSink(topics)) as sink:
        sink.publish([Message(topics.input_topic, b"one partition", value, list(headers)) for value in values])
    worker = start()
    outputs.wait_for(3)
    assert worker.terminate()[0] == 0
    assert {label.id for label in outputs.labels} == {1, 2}
    [(record, _)] = outputs.dead_letters
    assert (record.headers[0][0].encode(), record.headers[0][1]) == (NAME, b"1")

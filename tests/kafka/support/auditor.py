"""Audit of the topics: reads them with another client than the worker's and accounts for every id produced."""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from confluent_kafka import Consumer, IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from worker.settings import KafkaSettings

log = logging.getLogger(__name__)

_TIMEOUT_S = 10.0
T = TypeVar("T")
Headers = dict[str, str | bytes | None]


@dataclass
class Audit:
    """How often each id was labelled, and each input record (partition, offset) and value dead-lettered."""

    labels: Counter[int | str] = field(default_factory=Counter)
    letters: Counter[tuple[int, int]] = field(default_factory=Counter)
    letter_values: Counter[bytes] = field(default_factory=Counter)

    @property
    def doubled(self) -> int:
        """Number of labels beyond the first of each tweet."""
        return self.labels.total() - len(self.labels)

    def check(self, count: int, delivery: str = "exactly_once") -> None:
        """Fail unless exactly the ids 0 to count - 1 are labelled; once each, under exactly once."""
        lost, strange = set(range(count)) - self.labels.keys(), self.labels.keys() - set(range(count))
        assert not lost, f"{len(lost)} of {count} are lost: {sorted(lost)[:20]}"
        assert not strange, f"{len(strange)} ids were never produced: {list(strange)[:20]}"
        log.info("%s: %d tweets, none lost, %d labels doubled (%.2f %%)",
                 delivery, count, self.doubled, 100 * self.doubled / count)  # fmt: skip
        assert delivery == "at_least_once" or not self.doubled


def audit(settings: KafkaSettings) -> Audit:
    """Read the committed records of both output topics, from the beginning to the current end."""
    found = Audit()
    for topic in (settings.output_topic, settings.dead_letter_topic):
        for value, headers in read_topic(settings.bootstrap_servers, topic):
            if topic == settings.output_topic:
                found.labels[json.loads(value)["id"]] += 1
            else:
                found.letters[_number(headers, "partition"), _number(headers, "offset")] += 1
                found.letter_values[value] += 1
    return found


def _number(headers: Headers, name: str) -> int:
    return int(headers[f"__streams.errors.{name}"] or b"")


def read_topic(servers: str, topic: str) -> list[tuple[bytes, Headers]]:
    """Return the value and headers of each committed record, after waiting for open transactions to end."""
    consumer = Consumer(
        {"bootstrap.servers": servers, "group.id": "auditor", "enable.auto.commit": False,
         "isolation.level": "read_committed", "enable.partition.eof": True, "auto.offset.reset": "earliest"}
    )  # fmt: skip
    try:
        known = consumer.list_topics(topic, _TIMEOUT_S).topics[topic].partitions
        partitions = [TopicPartition(topic, p, 0) for p in known]
        _wait_decided(servers, partitions)
        consumer.assign(partitions)
        return _until_the_end(consumer, set(known))
    finally:
        consumer.close()


def _wait_decided(servers: str, partitions: list[TopicPartition]) -> None:
    """Wait until no transaction is open: one that a killed worker left hides the committed records behind it."""
    admin, deadline = AdminClient({"bootstrap.servers": servers}), time.monotonic() + 60
    while _ends(admin, partitions, IsolationLevel.READ_COMMITTED) != _ends(
        admin, partitions, IsolationLevel.READ_UNCOMMITTED
    ):
        assert time.monotonic() < deadline, f"a transaction on {partitions[0].topic} stays open"
        time.sleep(0.2)


def _ends(admin: AdminClient, partitions: list[TopicPartition], level: IsolationLevel) -> list[int]:
    latest = OffsetSpec.latest()
    asked = admin.list_offsets(dict.fromkeys(partitions, latest), isolation_level=level, request_timeout=_TIMEOUT_S)
    return [asked[tp].result(_TIMEOUT_S).offset for tp in partitions]


def _until_the_end(consumer: Consumer, unfinished: set[int]) -> list[tuple[bytes, Headers]]:
    found, deadline = [], time.monotonic() + 60
    while unfinished:
        assert time.monotonic() < deadline, f"no end of partitions {unfinished} was reached"
        for message in consumer.consume(1000, 1.0):
            if message.error() is None:
                found.append((message.value() or b"", dict(message.headers() or ())))
            else:  # the end of a partition
                unfinished.discard(message.partition())
    return found


def with_retries(request: Callable[[], T]) -> T:
    """Repeat a request for up to a minute: after a broker's death coordinators and leaders take a moment to move."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return request()
        except (KafkaException, TimeoutError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def uncommitted(settings: KafkaSettings, group: str) -> int:
    """Return the number of input records that the group has not committed, without joining it."""
    return with_retries(lambda: _uncommitted(settings, group))


def _uncommitted(settings: KafkaSettings, group: str) -> int:
    topic = settings.input_topic
    # read_uncommitted, so that the request does not wait for an open transaction to commit.
    consumer = Consumer(
        {"bootstrap.servers": settings.bootstrap_servers, "group.id": group, "isolation.level": "read_uncommitted"}
    )
    try:
        partitions = [
            TopicPartition(topic, p) for p in consumer.list_topics(topic, _TIMEOUT_S).topics[topic].partitions
        ]
        done = {tp.partition: tp.offset for tp in consumer.committed(partitions, _TIMEOUT_S)}
        ends = {tp.partition: consumer.get_watermark_offsets(tp, _TIMEOUT_S) for tp in partitions}
    finally:
        consumer.close()
    return sum(end - max(start, done[p]) for p, (start, end) in ends.items())


def members(settings: KafkaSettings, group: str) -> int:
    """Return the number of the group's members."""
    admin = AdminClient({"bootstrap.servers": settings.bootstrap_servers})
    return len(admin.describe_consumer_groups([group])[group].result(_TIMEOUT_S).members)

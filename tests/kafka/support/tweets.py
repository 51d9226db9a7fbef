"""Tweets that keep the workers busy."""

from collections.abc import Sequence

from confluent_kafka import KafkaError, Producer

from tests.helpers import tweet
from tests.kafka.support.auditor import uncommitted
from worker.settings import KafkaSettings


def group_of(settings: KafkaSettings) -> str:
    """Return the consumer group of the test's workers."""
    return f"group-{settings.input_topic}"


def produce(settings: KafkaSettings, values: Sequence[bytes]) -> None:
    """Produce values to the input topic; fail unless all are acknowledged."""
    # Without lingering each value goes to any partition; librdkafka would send many in a row to the same one.
    config = {"bootstrap.servers": settings.bootstrap_servers, "enable.idempotence": True}
    producer = Producer({**config, "sticky.partitioning.linger.ms": 0, "queue.buffering.max.messages": 1_000_000})
    errors: list[KafkaError | None] = []
    for value in values:
        producer.produce(settings.input_topic, value, on_delivery=lambda error, _sent: errors.append(error))
        producer.poll(0)
    producer.flush(60)
    assert errors == [None] * len(values)


class Feed:
    """Tweets with the ids 0, 1, 2 and so on; `count` is the next id."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings
        self.count = 0

    def add(self, count: int) -> None:
        """Produce that many more tweets."""
        numbers = range(self.count, self.count + count)
        produce(self.settings, [tweet(n, f"flood {n} in the valley") for n in numbers])
        self.count += count

    def keep(self, count: int) -> None:
        """Produce more tweets if fewer than this are uncommitted."""
        if self.left() < count:
            self.add(2 * count)

    def left(self) -> int:
        """Return the number of uncommitted tweets."""
        return uncommitted(self.settings, group_of(self.settings))

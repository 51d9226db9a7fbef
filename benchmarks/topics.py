"""Topics of a benchmark: made, filled, and read to their end. With librdkafka, which costs the others little."""

import time
import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from worker.errors import BrokerError
from worker.kafka import create_topics
from worker.settings import KafkaSettings

PARTITIONS = 12
_QUIET = {"log_level": 2}  # a broker that ends before its clients is no news
_LOG_APPEND_TIME = 2


class Topics(NamedTuple):
    """The topics of one run."""

    servers: str
    input: str
    output: str
    dead_letter: str

    @property
    def group(self) -> str:
        """Name of the consumer group, the run's own."""
        return f"group-{self.output}"


def new_topic(servers: str, name: str) -> str:
    """Create a topic of 12 partitions, with a name of its own that begins like this; return the name.

    Its records get the broker's time (the embedded broker gives them none), unless it is an input: those keep their
    producer's.

    Raises:
        BrokerError: the broker refuses.

    """
    whole = f"{name}-{uuid.uuid4().hex[:8]}"
    config = {} if name == "tweets" else {"message.timestamp.type": "LogAppendTime"}
    create_topics(KafkaSettings(bootstrap_servers=servers), [whole], PARTITIONS, 1, config)
    return whole


def new_outputs(servers: str, source: str) -> Topics:
    """Create output topics for one more run over an input topic that is there."""
    return Topics(servers, source, new_topic(servers, "labels"), new_topic(servers, "letters"))


def fill(servers: str, topic: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Send keys and values, evenly to all partitions; return how many, once all are acknowledged.

    Raises:
        BrokerError: not all are.

    """
    producer = Producer({"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 20, **_QUIET})
    errors: list[KafkaError] = []
    sent = 0
    for key, value in records:
        while len(producer) > 50_000:
            producer.poll(0.05)
        producer.produce(
            topic, value, key, sent % PARTITIONS, on_delivery=lambda e, _m: errors.append(e) if e else None
        )
        sent += 1
    if producer.flush(60) or errors:
        raise BrokerError(f"{topic} cannot be filled: {errors[0] if errors else 'nothing is acknowledged in a minute'}")
    return sent


class Tail:
    """Reads a topic from its beginning while others write to it.

    Args:
        servers: where the topic is.
        topic: of 12 partitions.
        wait_ms: how long the broker gathers records for an answer: long to disturb little.

    """

    def __init__(self, servers: str, topic: str, wait_ms: int = 200) -> None:
        config: dict[str, Any] = {
            "bootstrap.servers": servers, "group.id": "benchmark", "enable.auto.commit": False, **_QUIET,
            "fetch.wait.max.ms": wait_ms, "fetch.min.bytes": 1_000_000,
        }  # fmt: skip
        self._consumer = Consumer(config)
        self._consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])

    def poll(self, seconds: float = 0.2) -> list[tuple[int, bytes]]:
        """Return time in milliseconds and value of what came: when the broker wrote it, or when it was read here."""
        found = [message for message in self._consumer.consume(20_000, seconds) if message.error() is None]
        now = int(time.time() * 1000)
        return [(_time(message, now), message.value() or b"") for message in found]

    def close(self) -> None:
        """Free the connection."""
        self._consumer.close()


def _time(message: Any, now: int) -> int:  # noqa: ANN401 (its stubs are of every version another one)
    kind, milliseconds = message.timestamp()
    return int(milliseconds) if kind == _LOG_APPEND_TIME else now

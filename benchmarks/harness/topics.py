"""Topics of a benchmark: create, fill and read them, on librdkafka, which costs the measured processes little CPU."""

import time
import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from confluent_kafka import Consumer, TopicPartition

from benchmarks.harness.producer import QUIET, CheckedProducer, ConfluentMessage
from worker.kafka import create_topics
from worker.settings import KafkaSettings

PARTITIONS = 12
_LOG_APPEND_TIME = 2


class Topics(NamedTuple):
    """The topics of one run."""

    servers: str
    input: str
    output: str
    dead_letter: str

    @property
    def group(self) -> str:
        """Name of the run's consumer group."""
        return f"group-{self.output}"


def new_topic(servers: str, name: str) -> str:
    """Create a topic of 12 partitions whose unique name begins with `name`; return the whole name.

    Records of input topics (`name` is "tweets") keep the producer's timestamp; those of the others get the broker's.
    The embedded broker supports only the producer's.

    Raises:
        BrokerError: the broker rejected the topic.

    """
    whole = f"{name}-{uuid.uuid4().hex[:8]}"
    config = {} if name == "tweets" else {"message.timestamp.type": "LogAppendTime"}
    create_topics(KafkaSettings(bootstrap_servers=servers), [whole], PARTITIONS, 1, config)
    return whole


def new_outputs(servers: str, source: str) -> Topics:
    """Create the output topics of another run over an existing input topic."""
    return Topics(servers, source, new_topic(servers, "labels"), new_topic(servers, "dead-letters"))


def fill(servers: str, topic: str, records: Iterable[tuple[bytes, bytes]]) -> int:
    """Send keys and values, evenly to all partitions; return their number once all are acknowledged.

    Raises:
        BrokerError: at least one was not acknowledged.

    """
    producer, sent = CheckedProducer(servers, topic, linger_ms=20), 0
    for key, value in records:
        while len(producer) > 50_000:
            producer.poll(0.05)
        producer.send(key, value, sent % PARTITIONS)
        sent += 1
    producer.flush()
    return sent


class Tail:
    """Reads a topic from its beginning while others write to it.

    Args:
        servers: bootstrap servers.
        topic: of 12 partitions.
        wait_ms: how long the broker collects records for one response; a long wait costs little CPU.

    """

    def __init__(self, servers: str, topic: str, wait_ms: int = 200) -> None:
        config: dict[str, Any] = {
            "bootstrap.servers": servers, "group.id": "benchmark", "enable.auto.commit": False, **QUIET,
            "fetch.wait.max.ms": wait_ms, "fetch.min.bytes": 1_000_000,
        }  # fmt: skip
        self._consumer = Consumer(config)
        self._consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])

    def poll(self, seconds: float = 0.2) -> list[tuple[int, bytes]]:
        """Return time in milliseconds since 1970 and value of the new records.

        The time is the broker's at its write (LogAppendTime), or that of this call if the broker gives none.
        """
        found = [message for message in self._consumer.consume(20_000, seconds) if message.error() is None]
        now = int(time.time() * 1000)
        return [(_time(message, now), message.value() or b"") for message in found]

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()


def _time(message: ConfluentMessage, now: int) -> int:
    kind, milliseconds = message.timestamp()
    return int(milliseconds) if kind == _LOG_APPEND_TIME else now

"""A producer that checks that every record was acknowledged, on librdkafka."""

from typing import Any, TypeAlias

from confluent_kafka import KafkaError, KafkaException, Producer

from worker.errors import BrokerError

QUIET = {"log_level": 2}  # a broker that ends before its clients is expected here
_FLUSH_S = 60.0
_MOST_QUEUED = 2_000_000
ConfluentMessage: TypeAlias = Any
"""confluent_kafka.Message: its type stubs differ between the versions that are supported."""


class CheckedProducer:
    """Idempotent producer to one topic; its `flush` raises unless every record was acknowledged."""

    def __init__(self, servers: str, topic: str, linger_ms: int) -> None:
        self._producer = Producer({
            "bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": linger_ms,
            "queue.buffering.max.messages": _MOST_QUEUED, **QUIET,
        })  # fmt: skip
        self._topic = topic
        self._errors: list[KafkaError] = []

    def connect(self) -> None:
        """Look the topic up, so that the first record does not wait for a connection.

        Raises:
            BrokerError: no broker answered within 10 s.

        """
        try:
            self._producer.list_topics(self._topic, 10)
        except KafkaException as error:
            raise BrokerError(f"cannot look up topic {self._topic}: {error}") from error

    def send(self, key: bytes, value: bytes, partition: int, timestamp_ms: int = 0) -> None:
        """Queue a record; 0 for the current time."""
        self._producer.produce(self._topic, value, key, partition, self._acknowledged, timestamp_ms)

    def _acknowledged(self, error: KafkaError | None, _message: ConfluentMessage) -> None:
        if error:
            self._errors.append(error)

    def poll(self, seconds: float = 0) -> None:
        """Handle acknowledgements; wait up to this long for one."""
        self._producer.poll(seconds)

    def __len__(self) -> int:
        return len(self._producer)

    def flush(self, seconds: float = _FLUSH_S) -> None:
        """Wait until every record is acknowledged.

        Raises:
            BrokerError: at least one was not.

        """
        if (unacknowledged := self._producer.flush(seconds)) or self._errors:
            cause = self._errors[0] if self._errors else f"no acknowledgement within {seconds:g} s"
            raise BrokerError(f"{unacknowledged + len(self._errors)} records to {self._topic} failed: {cause}")

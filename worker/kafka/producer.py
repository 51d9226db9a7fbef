"""Publish messages to Kafka topics, each acknowledged by all in-sync replicas."""

from collections.abc import Sequence

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.producer.future import FutureRecordMetadata

from worker.errors import DeliveryError
from worker.kafka.admin import topic_problems
from worker.kafka.config import RECONNECT_MS, client_config, connecting
from worker.kafka.partitioner import partitions_of_keys
from worker.kafka.patches import producer as patches
from worker.kafka.record_size import TOO_LARGE, check_sizes, refused
from worker.settings import KafkaSettings
from worker.types import Message

_LINGER_MS = 5  # every batch is flushed at once; the pause only lets its first records share a request
_BATCH_BYTES = 256 * 1024
_CLOSE_SECONDS = 5  # everything published is acknowledged or given up by then


class KafkaSink:
    """Publishes a batch and waits until all of it is acknowledged.

    At most one batch is in flight, so the caller's batch size bounds the producer's memory.
    """

    def __init__(self, settings: KafkaSettings, delivery_timeout_ms: int = 120_000, **transactions: object) -> None:
        self._timeout_s = delivery_timeout_ms / 1000
        self.settings = settings
        self._config = {
            **client_config(settings),
            "reconnect_backoff_max_ms": RECONNECT_MS,
            "acks": "all",
            "enable_idempotence": True,
            "allow_auto_create_topics": False,
            "linger_ms": _LINGER_MS,
            "batch_size": _BATCH_BYTES,
            "max_request_size": settings.max_request_size,
            "delivery_timeout_ms": delivery_timeout_ms,
            "request_timeout_ms": min(30_000, delivery_timeout_ms - _LINGER_MS - 1),
            "max_block_ms": min(60_000, delivery_timeout_ms),
            **transactions,
        }
        self._connect()

    def _connect(self) -> None:
        with connecting(self.settings):
            self._open()

    def _open(self) -> None:
        self._producer = KafkaProducer(**self._config)

    def publish(self, messages: Sequence[Message]) -> None:
        """Publish the messages; return once all of them are acknowledged.

        Raises:
            DeliveryError: at least one was not acknowledged.
            TooLargeError: a message exceeds a size limit.

        """
        check_sizes(messages, self.settings.max_request_size)
        try:
            chosen = self._partitions(messages)
            futures = [self._send(*pair) for pair in zip(messages, chosen, strict=True)]
            patches.flush(self._producer, self._timeout_s)
            self._check(messages, futures)
        except KafkaError as error:
            causes = "; ".join([*self._topic_problems(messages, error), str(error)])
            raise DeliveryError(f"the broker did not acknowledge a batch: {causes}") from error

    def _topic_problems(self, messages: Sequence[Message], error: KafkaError) -> list[str]:
        """Return what is wrong with the topics after a time-out, which does not say what the client waited for."""
        return topic_problems(self.settings, {m.topic for m in messages}) if error.retriable else []

    def _check(self, messages: Sequence[Message], futures: Sequence[FutureRecordMetadata]) -> None:
        """Wait for each acknowledgement: flush ignores failed sends, only the futures report them."""
        try:
            for future in futures:
                future.get(timeout=self._timeout_s)
        except TOO_LARGE as error:
            failed = [m for m, future in zip(messages, futures, strict=True) if future.failed()]
            raise refused(failed, error) from error

    def _partitions(self, messages: Sequence[Message]) -> list[int | None]:
        """Return each message's partition; None if the client should choose."""
        return partitions_of_keys(messages, self._producer.partitions_for)

    def _send(self, message: Message, partition: int | None) -> FutureRecordMetadata:
        return self._producer.send(message.topic, message.value, message.key, list(message.headers), partition)

    def close(self) -> None:
        """Close the producer; what is not acknowledged within a few seconds is given up."""
        patches.close(self._producer, _CLOSE_SECONDS)

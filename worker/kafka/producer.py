"""Messages to Kafka topics, each acknowledged by all in-sync replicas."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, UnknownError

from worker.errors import DeliveryError
from worker.kafka.admin import ailing_topics
from worker.kafka.config import client_config, connecting
from worker.kafka.partitioner import partitions_of_keys
from worker.kafka.record_size import TOO_LARGE, check_sizes, refused
from worker.kafka.timeouts import RECONNECT_MS
from worker.settings import KafkaSettings
from worker.types import Message

_LINGER_MS = 5  # a batch is flushed at once; the pause only lets its first records go together
_BATCH_BYTES = 256 * 1024
_CLOSE_SECONDS = 5  # all that was published is acknowledged or given up by then


class KafkaSink:
    """Publishes a batch and waits for its every acknowledgement.

    What is in flight is one batch at most: the caller's batch size bounds the producer's memory.
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
        """Send the messages; return once every one of them is acknowledged.

        Raises:
            DeliveryError: at least one was not.
            TooLargeError: one is larger than may be.

        """
        check_sizes(messages, self.settings.max_request_size)
        try:
            chosen = self._partitions(messages)
            futures = [self._send(*pair) for pair in zip(messages, chosen, strict=True)]
            self._flush()
            self._check(messages, futures)
        except KafkaError as error:
            causes = "; ".join([*self._ailments(messages, error), str(error)])
            raise DeliveryError(f"the broker did not acknowledge a batch: {causes}") from error

    def _ailments(self, messages: Sequence[Message], error: KafkaError) -> list[str]:
        """Return what is wrong with the topics, where time ran out: kafka-python waits for them and says nothing."""
        return ailing_topics(self.settings, {m.topic for m in messages}) if error.retriable else []

    def _flush(self) -> None:
        """Wait until all is sent. That tells nothing of what became of it."""
        with suppress(UnknownError):  # "Future not done": the broker had a batch split, which only its records survive
            self._producer.flush(timeout=self._timeout_s)

    def _check(self, messages: Sequence[Message], futures: Sequence[Any]) -> None:
        """Wait for each acknowledgement: flush counts a failed send as done, only the futures know."""
        try:
            for future in futures:
                future.get(timeout=self._timeout_s)
        except TOO_LARGE as error:
            failed = [m for m, future in zip(messages, futures, strict=True) if future.failed()]
            raise refused(failed, error) from error

    def _partitions(self, messages: Sequence[Message]) -> list[int | None]:
        """Return each message's partition; None for the client to choose."""
        return partitions_of_keys(messages, self._producer.partitions_for)

    def _send(self, message: Message, partition: int | None) -> Any:  # noqa: ANN401 (kafka-python has no types)
        return self._producer.send(message.topic, message.value, message.key, list(message.headers), partition)

    def close(self) -> None:
        """Free the connection; what is not acknowledged by then is given up."""
        try:
            self._producer.close(timeout=_CLOSE_SECONDS)
        except KafkaError:  # it flushes first, and where that fails it leaves its thread at work
            self._producer._sender.force_close()
            self._producer._sender.join(_CLOSE_SECONDS)
            with suppress(KafkaError):
                self._producer.close(timeout=_CLOSE_SECONDS)

"""Publish messages to Kafka topics, each acknowledged by all in-sync replicas."""

import logging
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError, UnknownTopicOrPartitionError

from worker.errors import BrokerError, DeliveryError
from worker.kafka.config import RECONNECT_MS, client_config, connecting
from worker.kafka.diagnosis.refusals import describe
from worker.kafka.diagnosis.topics import topic_problems
from worker.kafka.partitioner import choose_partitions
from worker.kafka.patches import producer as patches
from worker.kafka.patches.send import SentBatch, send_all
from worker.kafka.record_size import TOO_LARGE, check_sizes, refused
from worker.logs.throttle import FailureStreak
from worker.settings import KafkaSettings
from worker.types import Message

log = logging.getLogger(__name__)
_LINGER_MS = 5  # every batch is flushed at once; the pause only lets its first records share a request
_BATCH_BYTES = 256 * 1024
_LOOK_S = 0.5  # how long to wait before looking whether the partitions are still there
_DISCARD_SECONDS = 1  # what waits for a partition that is gone cannot be sent
_RECONNECT_PAUSE_S = 1.0
_CLOSE_SECONDS = 5  # everything published is acknowledged or given up by then


class PartitionGoneError(UnknownTopicOrPartitionError):  # type: ignore[misc] # kafka-python has no types
    """A record waits for a partition that does not exist any more, while its topic does."""


class KafkaSink:
    """Publishes a batch and waits until all of it is acknowledged.

    At most one batch is in flight, so the caller's batch size bounds the producer's memory.
    """

    def __init__(self, settings: KafkaSettings, delivery_timeout_ms: int = 120_000, **transactions: object) -> None:
        self._timeout_s = delivery_timeout_ms / 1000
        self._outage = FailureStreak(log)
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
            self._publish(messages)
        except PartitionGoneError as error:
            self._publish_elsewhere(messages, error)
        except KafkaError as error:
            causes = "; ".join([*self._topic_problems(messages, error), describe(error, self.settings)])
            raise DeliveryError(f"the broker did not acknowledge a batch: {causes}") from error

    def _publish(self, messages: Sequence[Message]) -> None:
        sent = send_all(self._producer, self._by_partition(messages))
        self._wait(sent)
        _check(sent)

    def _wait(self, sent: Sequence[SentBatch]) -> None:
        """Wait until all are acknowledged or failed, but not for a partition that does not exist any more."""
        deadline = time.monotonic() + self._timeout_s
        while waiting := {batch.partition for batch in sent if not batch.is_done}:
            if (left := deadline - time.monotonic()) <= 0:
                raise KafkaTimeoutError(f"no acknowledgement within {self._timeout_s:g} s from {_names(waiting)}")
            try:
                patches.flush(self._producer, min(_LOOK_S, left))
            except KafkaTimeoutError:
                self._look(waiting)

    def _look(self, waiting: Collection[TopicPartition]) -> None:
        if gone := patches.missing_partitions(self._producer, waiting):
            raise PartitionGoneError(f"{_names(gone)} does not exist any more")

    def _publish_elsewhere(self, messages: Sequence[Message], error: PartitionGoneError) -> None:
        """Publish the whole batch again, with a new producer and the partitions that there are now.

        Records of the batch that were acknowledged before are published twice, as at-least-once delivery allows.
        """
        log.warning("%s: the topic was created again with fewer partitions; publishing the batch again", error)
        self.reconnect()
        self.publish(messages)

    def reconnect(self) -> None:
        """Replace the producer by a new one; what the old one has not sent is discarded.

        A broker that restarts may take longer than the first connection may, so it is tried again and again.

        Raises:
            DeliveryError: no broker answers within --delivery-timeout.

        """
        patches.close(self._producer, _DISCARD_SECONDS)
        deadline = time.monotonic() + self._timeout_s
        while not self._has_connected(deadline):
            time.sleep(_RECONNECT_PAUSE_S)
        self._outage.succeeded()

    def _has_connected(self, deadline: float) -> bool:
        """Connect; return whether that succeeded, and raise `DeliveryError` where it failed after the deadline."""
        try:
            self._connect()
        except BrokerError as error:
            if time.monotonic() >= deadline:
                raise DeliveryError(f"cannot reconnect: {error}") from error
            self._outage.failed(f"cannot reconnect, retrying: {error}")
            return False
        return True

    def _topic_problems(self, messages: Sequence[Message], error: KafkaError) -> list[str]:
        """Return what is wrong with the topics after a time-out, which does not say what the client waited for."""
        return topic_problems(self.settings, {m.topic for m in messages}) if error.retriable else []

    def _by_partition(self, messages: Sequence[Message]) -> dict[TopicPartition, list[Message]]:
        found: dict[tuple[str, int], list[Message]] = defaultdict(list)
        for message, partition in zip(messages, self._partitions(messages), strict=True):
            found[message.topic, partition].append(message)
        return {TopicPartition(*key): group for key, group in found.items()}

    def _partitions(self, messages: Sequence[Message]) -> list[int]:
        """Return each message's partition."""
        available = self._producer._metadata.available_partitions_for_topic
        return choose_partitions(messages, self._producer.partitions_for, available)

    def close(self) -> None:
        """Close the producer; what is not acknowledged within a few seconds is given up."""
        patches.close(self._producer, _CLOSE_SECONDS)


def _check(sent: Iterable[SentBatch]) -> None:
    """Raise what a record failed with: flush ignores that."""
    failures = [failure for batch in sent for failure in batch.failures()]
    for _, error in failures[:1]:
        if isinstance(error, TOO_LARGE):
            raise refused([message for message, _ in failures], error) from error
        raise error


def _names(partitions: Iterable[TopicPartition]) -> str:
    return ", ".join(f"{tp.topic}-{tp.partition}" for tp in sorted(partitions))

"""Lag of partitions: how many records can be polled and are not yet.

The end is the last stable offset, as for the `records-lag` of Kafka's own consumer: what lies behind an open
transaction cannot be polled. A consumer learns a partition's end with each fetch, but does not fetch while it still
buffers records of that partition: behind a large buffer it would not see a backlog. So the broker is also asked.
"""

import math
import time
from collections.abc import Collection, Mapping
from contextlib import suppress

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, LogTruncationError

from worker.settings import WorkerSettings
from worker.types import Lag

INTERVAL_S = 5.0
_SHARE_OF_OBJECTIVE, _SHORTEST_S = 0.1, 0.05
_TIMEOUT_MS = 1_000  # the main loop waits for the answer


def refresh_interval(settings: WorkerSettings) -> float:
    """Return the seconds between two requests: a worker that sheds by lag has to see a burst in time."""
    if settings.on_overload == "lag":
        return INTERVAL_S
    return min(INTERVAL_S, max(_SHORTEST_S, _SHARE_OF_OBJECTIVE * settings.latency_objective.total_seconds()))


class EndOffsets:
    """Last stable offsets of partitions, at most `INTERVAL_S` old while the broker answers.

    Args:
        consumer: kafka-python's, which reads committed records only.
        fetched: those that its fetches have told so far.
        interval_s: maximum age while the consumer may buffer records and therefore not fetch.

    """

    def __init__(
        self, consumer: KafkaConsumer, fetched: Mapping[TopicPartition, int], interval_s: float = INTERVAL_S
    ) -> None:
        self._consumer, self._fetched, self._interval_s = consumer, fetched, interval_s
        self._requested_at = -math.inf
        self._requested: dict[TopicPartition, int] = {}

    def refresh(self, partitions: Collection[TopicPartition], *, buffered: bool = True) -> None:
        """Request the end offsets if the known ones are too old.

        Args:
            partitions: to ask for.
            buffered: whether the consumer may still buffer records, so that what it fetched last may be out of date.

        """
        now = time.monotonic()
        if partitions and now - self._requested_at > (self._interval_s if buffered else INTERVAL_S):
            self._requested_at = now
            with suppress(KafkaError):  # the next poll reports what is wrong with the broker
                self._requested = self._consumer.end_offsets(list(partitions), timeout_ms=_TIMEOUT_MS)

    def of(self, tp: TopicPartition) -> int | None:
        """Return the later of the requested and the fetched end; None if neither is known.

        Raises:
            KafkaError: the partition is not assigned any more.

        """
        highwater = self._consumer.highwater(tp)  # None after a new assignment, until the first fetch
        fetched = None if highwater is None else self._fetched.get(tp, highwater)
        return max((end for end in (self._requested.get(tp), fetched) if end is not None), default=None)

    def lag(self, partitions: Collection[TopicPartition]) -> Lag:
        """Return, per partition, the records not polled yet; None if the end offset or the position is unknown.

        Raises:
            LogTruncationError: the broker's log was cut below the consumer's position.

        """
        return {tp: self._lag(tp) for tp in partitions}

    def _lag(self, tp: TopicPartition) -> int | None:
        try:
            end, position = self.of(tp), self._consumer.position(tp, timeout_ms=0)
        except LogTruncationError:  # kafka-python raises it once
            raise
        except KafkaError:  # the partition was revoked in the meantime
            return None
        return max(0, end - position) if end is not None and position is not None else None

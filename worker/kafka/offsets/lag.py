"""End offsets of partitions, requested from the broker at intervals.

A consumer learns a partition's end offset with each fetch, but does not fetch while it still buffers records of that
partition: behind a large buffer it would not see a backlog.
"""

import math
import time
from collections.abc import Collection, Mapping
from contextlib import suppress

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, LogTruncationError

from worker.settings import WorkerSettings

INTERVAL_S = 5.0
_SHARE_OF_OBJECTIVE, _SHORTEST_S = 0.1, 0.05
_TIMEOUT_MS = 1_000  # the main loop waits for the answer


def refresh_interval(settings: WorkerSettings) -> float:
    """Return the seconds between two requests: a worker that sheds by lag has to see a burst in time."""
    if settings.on_overload == "lag":
        return INTERVAL_S
    return min(INTERVAL_S, max(_SHORTEST_S, _SHARE_OF_OBJECTIVE * settings.latency_objective.total_seconds()))


class EndOffsets:
    """End offsets of partitions, at most `INTERVAL_S` old while the broker answers.

    Args:
        consumer: kafka-python's.
        interval_s: maximum age while the consumer may buffer records and therefore not fetch.

    """

    def __init__(self, consumer: KafkaConsumer, interval_s: float = INTERVAL_S) -> None:
        self._consumer, self._interval_s = consumer, interval_s
        self._requested_at = -math.inf
        self._ends: dict[TopicPartition, int] = {}

    def of(self, partitions: Collection[TopicPartition], *, buffered: bool = True) -> Mapping[TopicPartition, int]:
        """Return the known end offsets, after a request if they are too old.

        Args:
            partitions: to ask for.
            buffered: whether the consumer may still buffer records, so that what it fetched last may be out of date.

        """
        now = time.monotonic()
        if partitions and now - self._requested_at > (self._interval_s if buffered else INTERVAL_S):
            self._requested_at = now
            with suppress(KafkaError):  # the next poll reports what is wrong with the broker
                self._ends = self._consumer.end_offsets(list(partitions), timeout_ms=_TIMEOUT_MS)
        return self._ends


def lag_of(consumer: KafkaConsumer, tp: TopicPartition, requested_end: int | None) -> int | None:
    """Return the records of a partition not polled yet; None if its end offset is unknown.

    Args:
        consumer: kafka-python's.
        tp: an assigned partition.
        requested_end: its end offset as `EndOffsets` knows it; the end of the last fetch counts as well.

    Raises:
        LogTruncationError: the broker's log was cut below the consumer's position.

    """
    try:
        fetched_end, position = consumer.highwater(tp), consumer.position(tp, timeout_ms=0)
    except LogTruncationError:  # kafka-python raises it once
        raise
    except KafkaError:  # the partition was revoked in the meantime
        return None
    ends = [end for end in (requested_end, fetched_end) if end is not None]
    return max(0, max(ends) - position) if ends and position is not None else None

"""Commits of partitions without a batch in flight.

A batch commits the offset after its last record. What follows it and is not delivered as a record has no batch: aborted
transactions, the control records that end each transaction, and offsets that compaction has removed. The group's
committed lag, as KEDA and `kafka-consumer-groups` see it, would never reach 0.
"""

import math
import time
from collections.abc import Callable, Collection, Mapping

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from worker.kafka.patches.consumer import positions_of
from worker.types import Partition

_INTERVAL_S = 5.0
_TIMEOUT_MS = 1_000  # the main loop waits for the answer


class IdleCommits:
    """Commits the consumer's position in partitions without a batch in flight, where it is ahead of the last commit.

    A plain commit also under exactly once: nothing is published for these offsets. The broker refuses it from a member
    that the group has removed, and lets it replace the offset of an earlier transaction whose end is still under way.

    Args:
        consumer: a member of the group.
        interval_s: seconds between two commits.
        clock: returns monotonic seconds.

    """

    def __init__(
        self, consumer: KafkaConsumer, interval_s: float = _INTERVAL_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._consumer, self._interval_s, self._clock = consumer, interval_s, clock
        self._committed: dict[TopicPartition, int] = {}
        self._at = -math.inf

    def committed(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        """Remember what a batch has committed."""
        self._committed.update({tp: offset.offset for tp, offset in offsets.items()})

    def commit(self, in_flight: Collection[Partition]) -> Mapping[Partition, int]:
        """Commit, unless the last commit here was only just; a failure is left to the next one.

        Args:
            in_flight: partitions with records that were polled and are not committed yet.

        Returns:
            The offsets that were committed now.

        """
        now = self._clock()
        if now - self._at < self._interval_s:
            return {}
        self._at = now
        return self._try_to_commit(self._ahead(in_flight))

    def _try_to_commit(self, ahead: Mapping[TopicPartition, OffsetAndMetadata]) -> Mapping[Partition, int]:
        if not ahead:
            return {}
        try:
            self._consumer.commit(ahead, timeout_ms=_TIMEOUT_MS)
        except KafkaError:  # a poll or a batch's commit reports what is wrong
            return {}
        self.committed(ahead)
        return {tp: position.offset for tp, position in ahead.items()}

    def _ahead(self, in_flight: Collection[Partition]) -> dict[TopicPartition, OffsetAndMetadata]:
        positions = positions_of(self._consumer)
        self._committed = {tp: offset for tp, offset in self._committed.items() if tp in positions}
        return {
            tp: position
            for tp, position in positions.items()
            if tp not in in_flight and position.offset > self._committed.get(tp, -1)
        }

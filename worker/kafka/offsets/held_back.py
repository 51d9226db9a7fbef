"""Records that an open transaction on the input holds back.

The broker gives committed records only up to the last stable offset: the first record of the oldest open transaction.
Until that ends, nothing behind it can be labelled, whoever produced it. The producer's `transaction.timeout.ms` bounds
this, 15 minutes at most on a broker with default settings; a transaction that hangs is never ended by the broker.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from worker.kafka.offsets.lag import EndOffsets
from worker.kafka.patches.consumer import positions_of
from worker.types import HeldBack, Partition

log = logging.getLogger(__name__)
_LOGGED_AFTER_S = 30.0  # most transactions are open for less


class OpenTransactions:
    """Watches for how long, and how many, records are held back in each partition.

    Args:
        consumer: reads committed records only.
        ends: last stable offsets of its partitions.
        clock: returns monotonic seconds.

    """

    def __init__(self, consumer: KafkaConsumer, ends: EndOffsets, clock: Callable[[], float] = time.monotonic) -> None:
        self._consumer, self._ends, self._clock = consumer, ends, clock
        self._since: dict[TopicPartition, tuple[int, float]] = {}
        self._logged: set[TopicPartition] = set()

    def held_back(self, partitions: Collection[TopicPartition]) -> Mapping[Partition, HeldBack]:
        """Return what is held back, per partition; log what has been for long, and when that ends."""
        now, positions = self._clock(), positions_of(self._consumer)
        found = {tp: held for tp in partitions if (held := self._of(tp, positions, now))}
        self._since = {tp: since for tp, since in self._since.items() if tp in found}
        for tp, held in found.items():
            if held.seconds > _LOGGED_AFTER_S and tp not in self._logged:
                self._log(tp, held)
        for tp in self._logged - found.keys():
            self._logged.remove(tp)
            log.warning("%s-%d: no transaction holds records back any more", tp.topic, tp.partition)
        return found

    def _of(
        self, tp: TopicPartition, positions: Mapping[TopicPartition, OffsetAndMetadata], now: float
    ) -> HeldBack | None:
        try:
            end, highwater = self._ends.of(tp), self._consumer.highwater(tp)
        except KafkaError:  # the partition was revoked in the meantime
            return None
        if end is None or highwater is None or tp not in positions or not positions[tp].offset >= end < highwater:
            return None
        known, since = self._since.get(tp, (end, now))
        since = since if known == end else now  # another transaction is the oldest now
        self._since[tp] = (end, since)
        return HeldBack(highwater - end, now - since)

    def _log(self, tp: TopicPartition, held: HeldBack) -> None:
        self._logged.add(tp)
        log.warning(
            "%s-%d: an open transaction of a producer has held back %d records for %.0f s; the worker continues when "
            "it ends. If it never does: kafka-transactions.sh find-hanging",
            *(tp.topic, tp.partition, held.records, held.seconds),
        )

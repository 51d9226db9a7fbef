"""Where the consumer starts in a partition, and where it continues when the broker no longer has its offset.

kafka-python applies `auto_offset_reset` to each partition without a committed offset, at each start and to each new
owner, and after an offset is out of range: `latest` would then skip tweets, and nothing would be logged. Its policy is
therefore `none`, and the errors that this raises are handled here.
"""

import logging
from collections.abc import Collection, Mapping

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, LogTruncationError, NoOffsetForPartitionError, OffsetOutOfRangeError

from worker.kafka.patches.consumer import committed_offsets
from worker.settings import WorkerSettings

log = logging.getLogger(__name__)
NO_POSITION = (NoOffsetForPartitionError, OffsetOutOfRangeError, LogTruncationError)
"""Errors of a poll that `Positions.resolve` handles."""
_TIMEOUT_MS = 5_000


class Positions:
    """Chooses positions and counts the records that were deleted before they were read.

    Args:
        consumer: a member of the group, whose own policy is `none`.
        settings: give the group and --auto-offset-reset.

    """

    def __init__(self, consumer: KafkaConsumer, settings: WorkerSettings) -> None:
        self._consumer = consumer
        self._group, self._latest = settings.group_id, settings.auto_offset_reset == "latest"
        self.lost_records = 0

    def resolve(self, error: KafkaError) -> None:
        """Seek to a position in each partition of the error.

        Raises:
            KafkaError: a request failed; the next poll raises `error` again.

        """
        if isinstance(error, NoOffsetForPartitionError):
            self._start(error.args[0])
        elif isinstance(error, LogTruncationError):
            self._truncated(error.divergent_offsets)
        else:
            self._out_of_range(error.args[0])

    def _start(self, partitions: Collection[TopicPartition]) -> None:
        """Commit the position before the first batch, so that --auto-offset-reset is applied once in a group's life."""
        topics = sorted({tp.topic for tp in partitions}) if self._latest else []
        starts = {tp: end for topic in topics for tp, end in self._ends_of(topic).items()}
        if missing := [tp for tp in partitions if tp not in starts]:
            starts.update(self._consumer.beginning_offsets(missing, timeout_ms=_TIMEOUT_MS))
        self._consumer.commit({tp: OffsetAndMetadata(offset, "", -1) for tp, offset in starts.items()})
        for tp in self._consumer.assignment() & set(partitions):
            self._consumer.seek(tp, starts[tp])
            log.info("%s-%d starts at offset %d: the group had none", tp.topic, tp.partition, starts[tp])

    def _ends_of(self, topic: str) -> dict[TopicPartition, int]:
        """Return the end of each partition of the topic if it is new to the group, else nothing.

        The first member commits for all partitions: to a later owner, a partition without an offset is a new partition.
        """
        every = [TopicPartition(topic, p) for p in self._consumer.partitions_for_topic(topic)]
        if committed_offsets(self._consumer, every, _TIMEOUT_MS):
            return {}
        log.warning(
            "group %s has no committed offsets in %s: it starts at its end (--auto-offset-reset latest)",
            *(self._group, topic),
        )
        return dict(self._consumer.end_offsets(every, timeout_ms=_TIMEOUT_MS))

    def _out_of_range(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Continue at the earliest record left."""
        earliest = self._consumer.beginning_offsets(list(offsets), timeout_ms=_TIMEOUT_MS)
        for tp, offset in offsets.items():
            self._continue(tp, offset, earliest[tp])

    def _truncated(self, divergent: Mapping[TopicPartition, OffsetAndMetadata | None]) -> None:
        """Continue where the log was cut, or at the earliest record left where the broker does not know."""
        positions = {tp: self._consumer.position(tp, timeout_ms=0) for tp in divergent}
        unknown = [tp for tp, cut in divergent.items() if cut is None]
        earliest = self._consumer.beginning_offsets(unknown, timeout_ms=_TIMEOUT_MS) if unknown else {}
        for tp, cut in divergent.items():
            self._continue(tp, positions[tp], cut.offset if cut else earliest[tp])

    def _continue(self, tp: TopicPartition, offset: int, found: int) -> None:
        if tp not in self._consumer.assignment():
            return
        self._consumer.seek(tp, found)
        lost = max(0, found - offset)
        self.lost_records += lost
        if lost:
            log.warning(
                "%s-%d: %d records were deleted before they were read, offsets %d to %d; continuing at %d",
                *(tp.topic, tp.partition, lost, offset, found - 1, found),
            )
        else:
            log.warning(
                "%s-%d: offset %d is beyond the end: the topic was truncated or created again; continuing at %d",
                *(tp.topic, tp.partition, offset, found),
            )

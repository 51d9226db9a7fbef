"""Records from a Kafka topic, as a member of a consumer group."""

import logging
import time
from collections.abc import Sequence
from typing import Any

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import MemberState

from worker.errors import CommitError, SourceError
from worker.kafka.config import client_config, connecting
from worker.kafka.lag import EndOffsets, how_often
from worker.kafka.patches.header_names import accept_any_header_name
from worker.kafka.reader import to_record
from worker.kafka.timeouts import RECONNECT_MS
from worker.logs.throttle import FailureStreak
from worker.settings import WorkerSettings, milliseconds
from worker.types import Lag, Record

log = logging.getLogger(__name__)
POLL_MS = 500  # how long a poll waits for the first record
_METADATA_MS = 30_000  # of Kafka's five minutes: as long new partitions would stay unread
REBALANCED = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)


class KafkaSource:
    """Polls the input topic and commits only what it is told to.

    Values stay bytes: a deserialiser that raises would lose its record.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        accept_any_header_name()
        with connecting(settings):
            self._consumer = KafkaConsumer(
                settings.input_topic,
                **client_config(settings),
                reconnect_backoff_max_ms=RECONNECT_MS,
                group_id=settings.group_id,
                auto_offset_reset=settings.auto_offset_reset,
                enable_auto_commit=False,
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                session_timeout_ms=milliseconds(settings.session_timeout),
                # Kafka's own default, or the third of the session that it asks for: each rebalance waits for one.
                heartbeat_interval_ms=min(3_000, milliseconds(settings.session_timeout) // 3),
                max_poll_interval_ms=milliseconds(settings.max_poll_interval),
                max_poll_records=settings.batch_size,
                # A member that joins or leaves stops only the partitions that move.
                partition_assignment_strategy=[CooperativeStickyAssignor],
                metadata_max_age_ms=_METADATA_MS,
            )
            # A leader that joins before it knows the topic shares out nothing, and is content with that.
            self._consumer.partitions_for_topic(settings.input_topic)
        self._silence = FailureStreak(log)
        self._patience_s = settings.delivery_timeout.total_seconds()
        self._ends = EndOffsets(self._consumer, how_often(settings))
        self._holds_more = False

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:
        """Wait a moment for records; return those that came, each partition's in order. None while no broker answers.

        Args:
            limit: there are no more of them.
            timeout_ms: how long to wait; None for half a second.

        Raises:
            SourceError: the broker refuses for good.

        """
        try:
            wait_ms = POLL_MS if timeout_ms is None else timeout_ms
            polled = self._consumer.poll(timeout_ms=wait_ms, max_records=limit)
        except KafkaError as error:
            if error.retriable:  # most of what can be tried again, kafka-python tries, but not all
                return self._nothing_for_now(error)
            raise SourceError(f"no more records can be polled ({self._positions()}): {error}") from error
        self._silence.succeeded()
        found = [to_record(r) for records in polled.values() for r in records]
        self._holds_more = len(found) >= limit
        return found

    def commit(self, records: Sequence[Record]) -> None:
        """Commit, per partition, the offset after the last of the records.

        Raises:
            CommitError: they could not be for now; the group was rebalanced meanwhile, most often.
            SourceError: the broker takes none any more: the group may not be used, say, or the member is fenced.

        """
        try:
            self._consumer.commit(self.offsets_after(records))
        except KafkaError as error:
            kind = CommitError if error.retriable or isinstance(error, REBALANCED) else SourceError
            raise kind(f"a batch was published but not committed: {error}") from error

    @staticmethod
    def offsets_after(records: Sequence[Record]) -> dict[TopicPartition, OffsetAndMetadata]:
        """Return, per partition, the offset after the last of the records."""
        last = {TopicPartition(r.topic, r.partition): r for r in records}
        return {tp: OffsetAndMetadata(r.offset + 1, "", r.leader_epoch) for tp, r in last.items()}

    def rewind(self, records: Sequence[Record]) -> None:
        """Have the records come again: go back to what is committed, or to their first where nothing is.

        Raises:
            SourceError: the committed offsets cannot be read, within --delivery-timeout.

        """
        first = {TopicPartition(r.topic, r.partition): r.offset for r in reversed(records)}
        deadline = time.monotonic() + self._patience_s
        for tp in first.keys() & self._consumer.assignment():
            committed = self._committed(tp, deadline)
            self._consumer.seek(tp, first[tp] if committed is None else committed)

    def _committed(self, tp: TopicPartition, deadline: float) -> int | None:
        while True:
            try:
                left_ms = max(1, int((deadline - time.monotonic()) * 1000))
                committed: int | None = self._consumer.committed(tp, timeout_ms=left_ms)
                return committed
            except KafkaError as error:
                if not error.retriable or time.monotonic() > deadline:
                    raise SourceError(f"an aborted batch cannot be polled again: {error}") from error
                self._nothing_for_now(error)

    def _nothing_for_now(self, error: KafkaError) -> list[Record]:
        """Wait as long as a poll that finds nothing."""
        self._silence.failed(f"broker unavailable, retrying: {error}")
        time.sleep(POLL_MS / 1000)
        return []

    def lag(self) -> Lag:
        """Return, per assigned partition, the records still to be polled; None before its end is known."""
        assigned = sorted(self._consumer.assignment())
        ends = self._ends.of(assigned, stale=self._holds_more)
        return {tp: self._behind(tp, ends.get(tp)) for tp in assigned}

    def joined(self) -> bool:
        """Tell whether the group counts this member in, with partitions or standing by for some."""
        return bool(self.group_metadata().state == MemberState.STABLE)

    def generation(self) -> int:
        """Return the number of the group's generation that this member is in; -1 where it is in none."""
        return int(self.group_metadata().generation_id)

    def group_metadata(self) -> Any:  # noqa: ANN401 (kafka-python has no types)
        """Return who this member is, and of which generation of the group."""
        return self._consumer.group_metadata()

    def _positions(self) -> str:
        """Return where each partition stands, for a record that cannot be read to be found, and passed by hand."""
        try:
            known = {tp: self._consumer.position(tp, timeout_ms=0) for tp in sorted(self._consumer.assignment())}
        except KafkaError:
            return "where is not known"
        return ", ".join(f"{tp.topic}-{tp.partition} at offset {offset}" for tp, offset in known.items())

    def _behind(self, tp: TopicPartition, asked: int | None) -> int | None:
        try:
            fetched, position = self._consumer.highwater(tp), self._consumer.position(tp, timeout_ms=0)
        except KafkaError:  # the partition went elsewhere since it was listed
            return None
        ends = [end for end in (asked, fetched) if end is not None]
        return max(0, max(ends) - position) if ends and position is not None else None

    def close(self) -> None:
        """Leave the group; what was not committed stays uncommitted."""
        self._consumer.close(autocommit=False)

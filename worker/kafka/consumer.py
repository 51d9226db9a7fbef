"""Consume records of Kafka topics as a member of a consumer group."""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    KafkaTimeoutError,
    LogTruncationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import ConsumerGroupMetadata, MemberState

from worker.errors import BrokerError, CascadeError, CommitError, SourceError
from worker.kafka.assignments import Assignments
from worker.kafka.config import client_config, connecting, consumer_config
from worker.kafka.diagnosis.refusals import describe, is_explained
from worker.kafka.diagnosis.topics import OFFSETS, topic_problems
from worker.kafka.fencing import raise_if_replaced
from worker.kafka.offsets.held_back import OpenTransactions
from worker.kafka.offsets.idle_commits import IdleCommits
from worker.kafka.offsets.lag import EndOffsets, refresh_interval
from worker.kafka.offsets.positions import NO_POSITION, Positions
from worker.kafka.offsets.rewind import rewind
from worker.kafka.patches.client import REFUSALS, silent_s
from worker.kafka.patches.consumer import buffered_partitions, load_partitions, missing_topics, watch_stable_offsets
from worker.kafka.patches.header_names import accept_any_header_name
from worker.kafka.reader import to_record
from worker.kafka.second_poll import poll_newest
from worker.logs.throttle import FailureStreak
from worker.settings import WorkerSettings
from worker.types import Lag, Partition, Record, SourceStatus

log = logging.getLogger(__name__)
POLL_MS = 500  # how long a poll waits for the first record
REBALANCED = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)


class KafkaSource:
    """Polls the input topics; commits offsets only on request.

    Values stay bytes: a deserializer that raises would lose its record.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        accept_any_header_name()
        self._assignments = Assignments()
        with connecting(settings):
            self._consumer = KafkaConsumer(**client_config(settings), **consumer_config(settings))
            self._consumer.subscribe(settings.input_topics, listener=self._assignments)
            load_partitions(self._consumer, settings.input_topics)
        self._settings = settings
        self._outage = FailureStreak(log)
        self._rewind_timeout_s = settings.delivery_timeout.total_seconds()
        self._found = Positions(self._consumer, settings)
        self._ends = EndOffsets(self._consumer, watch_stable_offsets(self._consumer), refresh_interval(settings))
        self._transactions = OpenTransactions(self._consumer, self._ends)
        self._idle = IdleCommits(self._consumer)
        self._may_buffer = False

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:
        """Wait for records; return them, each partition's in order. Return none while no broker is available.

        Args:
            limit: maximum number of records.
            timeout_ms: how long to wait; None for half a second.

        Raises:
            BrokerError: the broker refuses to let the worker join, for a reason that the user can correct.
            SourceError: the broker refuses permanently.
            FencedError: another worker has the same --group-instance-id.

        """
        try:
            wait_ms = POLL_MS if timeout_ms is None else timeout_ms
            polled = poll_newest(self._poll, wait_ms, limit, self.assignments)
        except KafkaError as error:
            if self._is_temporary(error):  # kafka-python retries most of these, but not all
                self._wait_for_broker(error)
                return []
            raise self._refused(error) from error
        self._outage.succeeded()
        found = [to_record(r) for records in polled.values() for r in records]
        self._may_buffer = len(found) >= limit
        return found

    def _poll(self, timeout_ms: int, limit: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        try:
            polled: dict[TopicPartition, list[ConsumerRecord]] = self._consumer.poll(timeout_ms, limit)
        except NO_POSITION as error:
            self._found.resolve(error)
            return {}
        return polled

    def _is_temporary(self, error: KafkaError) -> bool:
        """Return whether another attempt may succeed; of a member's login too, whose token may expire on its way."""
        kinds = (*REBALANCED, *REFUSALS) if self._assignments.has_joined else REBALANCED
        return bool(error.retriable) or isinstance(error, kinds)

    def _refused(self, error: KafkaError) -> CascadeError:
        raise_if_replaced(self._settings, error)
        meaning = describe(error, self._settings)
        if is_explained(error) and not self._assignments.has_joined:
            return BrokerError(f"cannot join group {self._settings.group_id}: {meaning}")
        return SourceError(f"cannot poll any more records ({self._positions()}): {meaning}")

    def commit(self, records: Sequence[Record]) -> None:
        """Commit, per partition, the offset after the last of the records.

        Raises:
            CommitError: a temporary failure, most often a rebalance.
            SourceError: a permanent failure: the group is not authorized, for example.
            FencedError: another worker has the same --group-instance-id.

        """
        offsets = self.offsets_after(records)
        try:
            self._consumer.commit(offsets)
        except KafkaError as error:
            raise_if_replaced(self._settings, error)
            kind = CommitError if self._is_temporary(error) else SourceError
            raise kind(f"a batch was published but not committed: {self._reason(error)}") from error
        self.committed(offsets)

    def _reason(self, error: KafkaError) -> str:
        if not isinstance(error, KafkaTimeoutError):
            return describe(error, self._settings)
        causes = topic_problems(self._settings, [OFFSETS])
        return "; ".join(["the coordinator of the group does not accept commits in time", *causes])

    def committed(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        """Note the offsets that a batch has committed, here or in a transaction."""
        self._idle.committed(offsets)

    def commit_idle(self, in_flight: Collection[Partition]) -> Mapping[Partition, int]:
        """Commit the position of each partition without a batch in flight, every few seconds; return the offsets."""
        return self._idle.commit(in_flight)

    @staticmethod
    def offsets_after(records: Sequence[Record]) -> dict[TopicPartition, OffsetAndMetadata]:
        """Return, per partition, the offset after the last of the records."""
        last = {TopicPartition(r.topic, r.partition): r for r in records}
        return {tp: OffsetAndMetadata(r.offset + 1, "", r.leader_epoch) for tp, r in last.items()}

    def rewind(self, records: Sequence[Record]) -> None:
        """Rewind to the committed offset of each partition of the records, or to its first record if there is none.

        Raises:
            SourceError: the committed offsets cannot be read within --delivery-timeout.

        """
        first = {TopicPartition(r.topic, r.partition): r.offset for r in reversed(records)}
        rewind(self._consumer, first, self._rewind_timeout_s, self._wait_for_broker)

    def _wait_for_broker(self, error: KafkaError) -> None:
        """Wait as long as a poll that finds no record."""
        self._outage.failed(f"broker unavailable, retrying: {error}")
        time.sleep(POLL_MS / 1000)

    def lag(self) -> Lag:
        """Return, per assigned partition, the records not polled yet; None until its end offset is known."""
        assigned = sorted(self._consumer.assignment())
        self._ends.refresh(assigned, buffered=self._may_buffer)
        try:
            return self._ends.lag(assigned)
        except LogTruncationError as error:
            with suppress(KafkaError):  # the next poll continues from the old position
                self._found.resolve(error)
            return dict.fromkeys(assigned)

    def status(self) -> SourceStatus:
        """Return the state of the membership and of the connection."""
        return SourceStatus(
            joined=bool(self.group_metadata().state == MemberState.STABLE),
            lost_records=self._found.lost_records,
            silent_s=silent_s(self._consumer),
            held_back=self._transactions.held_back(self._consumer.assignment()),
            buffered=buffered_partitions(self._consumer),
            missing_topics=missing_topics(self._consumer),
        )

    def generation(self) -> int:
        """Return this member's generation of the group; -1 if it has not joined."""
        return int(self.group_metadata().generation_id)

    def assignments(self) -> Mapping[Partition, int]:
        """Return the number of each assigned partition's current assignment."""
        return self._assignments.current

    def group_metadata(self) -> ConsumerGroupMetadata:
        """Return this member's id and its generation of the group."""
        return self._consumer.group_metadata()

    def _positions(self) -> str:
        """Return the position in each partition, so that an operator can find and skip an unreadable record."""
        try:
            known = {tp: self._consumer.position(tp, timeout_ms=0) for tp in sorted(self._consumer.assignment())}
        except KafkaError:
            return "position unknown"
        return ", ".join(f"{tp.topic}-{tp.partition} at offset {offset}" for tp, offset in known.items())

    def close(self) -> None:
        """Leave the group without a commit."""
        self._consumer.close(autocommit=False)

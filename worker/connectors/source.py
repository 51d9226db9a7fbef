"""Records from a Kafka topic, as a member of a consumer group."""

from collections.abc import Sequence

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from worker.connectors.client import client_config, connecting
from worker.errors import CommitError
from worker.settings import WorkerSettings
from worker.types import Record

_REBALANCED = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)


class KafkaSource:
    """Polls the input topic and commits only what it is told to.

    Values stay bytes: a deserialiser that raises would lose its record.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        with connecting(settings):
            self._consumer = KafkaConsumer(
                settings.input_topic,
                **client_config(settings),
                group_id=settings.group_id,
                auto_offset_reset=settings.auto_offset_reset,
                enable_auto_commit=False,
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                session_timeout_ms=settings.session_timeout_ms,
                heartbeat_interval_ms=max(1, settings.session_timeout_ms // 6),
                max_poll_records=settings.batch_size,
            )
        self._timeout_ms = settings.poll_timeout_ms

    def poll(self) -> list[Record]:
        """Wait a moment for records; return those that came, each partition's in order."""
        polled = self._consumer.poll(timeout_ms=self._timeout_ms)
        return [
            Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers, r.leader_epoch)
            for records in polled.values()
            for r in records
        ]

    def commit(self, records: Sequence[Record]) -> None:
        """Commit, per partition, the offset after the last of the records.

        Raises:
            CommitError: the group was rebalanced meanwhile.

        """
        last = {TopicPartition(r.topic, r.partition): r for r in records}
        offsets = {tp: OffsetAndMetadata(r.offset + 1, "", r.leader_epoch) for tp, r in last.items()}
        try:
            self._consumer.commit(offsets)
        except _REBALANCED as error:
            raise CommitError(f"the group was rebalanced before the commit ({type(error).__name__})") from error

    def lag(self) -> dict[tuple[str, int], int]:
        """Return, per assigned partition, the records that are still to be polled.

        A partition of which nothing was fetched yet has no known end; it counts as 0.
        """
        return {tp: self._behind(TopicPartition(*tp)) for tp in sorted(self._consumer.assignment())}

    def _behind(self, tp: TopicPartition) -> int:
        end = self._consumer.highwater(tp)
        return 0 if end is None else max(0, end - self._consumer.position(tp))

    def close(self) -> None:
        """Leave the group; what was not committed stays uncommitted."""
        self._consumer.close(autocommit=False)

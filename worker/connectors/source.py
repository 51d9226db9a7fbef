"""Records from a Kafka topic, as a member of a consumer group."""

from collections.abc import Sequence

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from worker.connectors.client import client_config, connecting
from worker.errors import CommitError, PollError
from worker.settings import WorkerSettings
from worker.types import Record


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
        """Wait a moment for records; return those that came, each partition's in order.

        Raises:
            PollError: the broker refuses for good; what can be tried again, kafka-python does.

        """
        try:
            polled = self._consumer.poll(timeout_ms=self._timeout_ms)
        except (KafkaError, UnicodeDecodeError) as error:  # the latter: a header's name that is not UTF-8
            raise PollError(f"no more records can be polled: {error}") from error
        return [
            Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers, r.leader_epoch)
            for records in polled.values()
            for r in records
        ]

    def commit(self, records: Sequence[Record]) -> None:
        """Commit, per partition, the offset after the last of the records.

        Raises:
            CommitError: they could not be; the group was rebalanced meanwhile, most often.

        """
        last = {TopicPartition(r.topic, r.partition): r for r in records}
        offsets = {tp: OffsetAndMetadata(r.offset + 1, "", r.leader_epoch) for tp, r in last.items()}
        try:
            self._consumer.commit(offsets)
        except KafkaError as error:
            raise CommitError(f"a batch was published but not committed: {error}") from error

    def lag(self) -> dict[tuple[str, int], int]:
        """Return, per assigned partition, the records that are still to be polled.

        A partition of which nothing was fetched yet has no known end; it counts as 0.
        """
        return {tp: self._behind(TopicPartition(*tp)) for tp in sorted(self._consumer.assignment())}

    def _behind(self, tp: TopicPartition) -> int:
        try:
            end, position = self._consumer.highwater(tp), self._consumer.position(tp, timeout_ms=0)
        except KafkaError:  # the partition went elsewhere since it was listed
            return 0
        return 0 if end is None or position is None else max(0, end - position)

    def close(self) -> None:
        """Leave the group; what was not committed stays uncommitted."""
        self._consumer.close(autocommit=False)

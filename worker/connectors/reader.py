"""Reading topics from outside of any group: to watch them, not to share work."""

from collections.abc import Iterator, Sequence

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from worker.connectors.client import client_config, connecting
from worker.errors import SourceError
from worker.settings import KafkaSettings
from worker.types import Record


class KafkaReader:
    """Reads all partitions of the topics; commits nothing, so that no worker notices."""

    def __init__(self, settings: KafkaSettings, topics: Sequence[str], *, from_beginning: bool) -> None:
        with connecting(settings):
            self._consumer = KafkaConsumer(
                **client_config(settings),
                enable_auto_commit=False,
                isolation_level="read_committed",
                allow_auto_create_topics=False,
            )
            found = [(topic, self._consumer.partitions_for_topic(topic) or ()) for topic in topics]
            assigned = [TopicPartition(topic, p) for topic, partitions in found for p in sorted(partitions)]
            self._consumer.assign(assigned)
            # Positions are settled now: what is published from here on is read.
            (self._consumer.seek_to_beginning if from_beginning else self._consumer.seek_to_end)(*assigned)
            for tp in assigned:
                self._consumer.position(tp)

    def poll(self, timeout_ms: int = 500) -> Iterator[Record]:
        """Wait a moment for records; yield those that came.

        Raises:
            SourceError: no more will come.

        """
        try:
            polled = self._consumer.poll(timeout_ms=timeout_ms)
        except KafkaError as error:
            raise SourceError(f"no more records can be read: {error}") from error
        for records in polled.values():
            for r in records:
                yield Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers)

    def close(self) -> None:
        """Free the connection."""
        self._consumer.close(autocommit=False)

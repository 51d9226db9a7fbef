"""Replay dead letters exactly once: each record and the note that it was replayed are one transaction."""

from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime

from kafka.errors import KafkaError

from schemas import Replayed, topics
from worker.dead_letters import DeadLetterId, dead_letter_id, replayed_ids
from worker.errors import CascadeError, DeliveryError, FencedError, TooLargeError
from worker.kafka.admin import create_topics, missing_topics, replication_factor
from worker.kafka.fencing import is_fenced
from worker.kafka.reader import TopicScan
from worker.kafka.transactions import TransactionalSink
from worker.settings import KafkaSettings
from worker.types import Message, Record

_TIMEOUT_MS = 60_000


def replayed_dead_letters(settings: KafkaSettings) -> set[DeadLetterId]:
    """Return the dead letters replayed so far: partition, offset and timestamp of each."""
    topic = topics.replayed(settings.dead_letter_topic)
    if missing_topics(settings, [topic]):
        return set()
    with closing(TopicScan(settings, topic)) as scan:
        return replayed_ids(scan)


class ReplaySink(TransactionalSink):
    """Publishes records restored from dead letters, and the notes that they were replayed, in one transaction per call.

    All replays of a dead-letter topic share one transactional id: a new replay aborts what a killed one left open, and
    fences one that still runs. Read `replayed_dead_letters` only after this is constructed: nothing is open any more.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._topic = topics.replayed(settings.dead_letter_topic)
        replicas = replication_factor(settings, settings.dead_letter_topic)
        create_topics(settings, [self._topic], 1, replicas, {"cleanup.policy": "compact"})
        super().__init__(settings, f"replay-{settings.dead_letter_topic}", _TIMEOUT_MS, _TIMEOUT_MS)

    def publish(self, messages: Sequence[Message]) -> None:
        """Publish all of the messages or none.

        Raises:
            DeliveryError: none was published, or, if the broker does not answer, the next replay finds out.
            TooLargeError: a message exceeds a size limit.
            FencedError: a later replay has begun.

        """
        now = datetime.now(UTC)
        notes = [self._note(m.origin, m.topic, now) for m in messages if m.origin]
        try:
            self.begin()
            super().publish([*messages, *notes])
            self.commit()
        except (KafkaError, DeliveryError, TooLargeError) as error:
            with suppress(KafkaError, DeliveryError):
                self.abort()
            raise _explain(error) from error

    def _partitions(self, messages: Sequence[Message]) -> list[int]:
        """Return each record's original partition, or that of its key if the topic has fewer partitions now."""
        existing = self._producer.partitions_for
        return super()._partitions(
            [m if m.partition in existing(m.topic) else m._replace(partition=None) for m in messages]
        )

    def _note(self, dead_letter: Record, topic: str, now: datetime) -> Message:
        partition, offset, timestamp = dead_letter_id(dead_letter)
        note = Replayed(partition=partition, offset=offset, timestamp=timestamp, topic=topic, replayed_at=now)
        return Message(self._topic, note.key(), note.model_dump_json().encode())


def _explain(error: KafkaError | CascadeError) -> CascadeError:
    if is_fenced(error, error.__cause__):
        return FencedError("a later replay of this dead-letter topic has begun; this one ends")
    return error if isinstance(error, CascadeError) else DeliveryError(f"dead letters were not replayed: {error}")

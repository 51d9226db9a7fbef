"""Putting dead letters back, each once: the record and the memory of it are one transaction."""

from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime

from kafka.errors import KafkaError

from schemas import Replayed, topics
from worker.dead_letters import DeadLetterId, dead_letter_id, replayed_ids
from worker.errors import CascadeError, DeliveryError, FencedError, TooLargeError
from worker.kafka.admin import create_topics, missing_topics, replicas_of
from worker.kafka.fencing import is_fenced
from worker.kafka.reader import TopicScan
from worker.kafka.transactions import TransactionalSink
from worker.settings import KafkaSettings
from worker.types import Message, Record

_TIMEOUT_MS = 60_000


def replayed_dead_letters(settings: KafkaSettings) -> set[DeadLetterId]:
    """Return which dead letters were put back before: partition, offset and timestamp of each."""
    topic = topics.replayed(settings.dead_letter_topic)
    if missing_topics(settings, [topic]):
        return set()
    with closing(TopicScan(settings, topic)) as scan:
        return replayed_ids(scan)


class ReplaySink(TransactionalSink):
    """Publishes messages that are made of dead letters, and which they were, in one transaction each time.

    All replays of a dead-letter topic have one transactional id: a new one aborts what a killed one left open, and
    fences one that still runs. What was put back is settled once this is made: read `replayed_dead_letters` after that.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._topic = topics.replayed(settings.dead_letter_topic)
        replicas = replicas_of(settings, settings.dead_letter_topic)
        create_topics(settings, [self._topic], 1, replicas, {"cleanup.policy": "compact"})
        super().__init__(settings, f"replay-{settings.dead_letter_topic}", _TIMEOUT_MS, _TIMEOUT_MS)

    def publish(self, messages: Sequence[Message]) -> None:
        """Put the messages onto their topics, all of them or none.

        Raises:
            DeliveryError: none was, or, where the broker does not answer, it is not known; the next replay knows.
            TooLargeError: one is larger than may be.
            FencedError: a later replay has begun.

        """
        now = datetime.now(UTC)
        memory = [self._remember(m.origin, m.topic, now) for m in messages if m.origin]
        try:
            self.begin()
            super().publish([*messages, *memory])
            self.commit()
        except (KafkaError, DeliveryError, TooLargeError) as error:
            with suppress(KafkaError, DeliveryError):
                self.abort()
            raise _meaning(error) from error

    def _partitions(self, messages: Sequence[Message]) -> list[int | None]:
        """Return the partition each came from, or, where the topic has no such any more, the one its key gives."""
        there = self._producer.partitions_for
        return super()._partitions(
            [m if m.partition in there(m.topic) else m._replace(partition=None) for m in messages]
        )

    def _remember(self, dead_letter: Record, topic: str, now: datetime) -> Message:
        partition, offset, timestamp = dead_letter_id(dead_letter)
        memory = Replayed(partition=partition, offset=offset, timestamp=timestamp, topic=topic, replayed_at=now)
        return Message(self._topic, memory.key(), memory.model_dump_json().encode())


def _meaning(error: KafkaError | CascadeError) -> CascadeError:
    if is_fenced(error, error.__cause__):
        return FencedError("a later replay of this dead-letter topic has begun: it goes on, and this one ends")
    return error if isinstance(error, CascadeError) else DeliveryError(f"dead letters were not put back: {error}")

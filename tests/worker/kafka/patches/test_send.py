"""Records that are sent a batch at once, against kafka-python's own way."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError
from kafka.producer.producer_batch import ProducerBatch
from kafka.producer.record_accumulator import RecordAccumulator

from tests.worker.kafka.fakes import Producer
from worker.kafka.patches import send
from worker.kafka.patches.send import send_all
from worker.types import Message

T0, T1 = TopicPartition("t", 0), TopicPartition("t", 1)
NOW = 1_700_000_000.5
BYTES = st.binary(max_size=40)
RECORDS = st.lists(
    st.builds(Message, st.just("t"), st.none() | BYTES, st.none() | BYTES, st.lists(st.tuples(st.text(), BYTES))),
    min_size=1,
)


def buffers(accumulator: RecordAccumulator, partition: TopicPartition) -> list[bytes]:
    """Return the bytes of each batch that waits for the partition."""
    for batch in accumulator._batches[partition]:
        batch.records.close()
    return [bytes(batch.records.buffer()) for batch in accumulator._batches[partition]]


@given(RECORDS)
def test_the_bytes_are_kafka_pythons(messages: list[Message]) -> None:
    """Consumers get the records that `KafkaProducer.send` would have sent, in the same batches."""
    made, theirs = Producer(batch_size=300), RecordAccumulator(batch_size=300)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(send, "time", SimpleNamespace(time=lambda: NOW))
        sent = send_all(made, {T0: messages})
    for message in messages:
        theirs.append(T0, int(NOW * 1000), message.key, message.value, list(message.headers))
    sizes = [(batch.record_count, batch.max_record_size) for batch in theirs._batches[T0]]
    assert [(batch.record_count, batch.max_record_size) for batch in made.batches()] == sizes
    assert buffers(made._accumulator, T0) == buffers(theirs, T0)
    assert [message for batch in sent for message in batch.messages] == messages


def split(producer: Producer, batch: ProducerBatch) -> list[ProducerBatch]:
    """Split a batch that the broker found too large, as the client does; return the smaller ones."""
    producer._accumulator._batches[T0].remove(batch)
    batch.records.close()
    producer._accumulator.split_and_reenqueue(batch)
    producer._accumulator.deallocate(batch)
    return list(producer._accumulator._batches[T0])[:2]


def test_a_split_batch_is_followed() -> None:
    """A batch that the broker has had split twice is done when all parts are, and each failure is its record's."""
    producer = Producer(batch_size=10_000)
    messages = [Message("t", None, b"%d" % n) for n in range(8)]
    [sent] = send_all(producer, {T0: messages})
    first, last = split(producer, *producer.batches())
    second, third = split(producer, last)
    for batch in (first, third):
        assert not sent.is_done
        batch.complete(0, -1)
    assert not sent.is_done
    errors = [MessageSizeTooLargeError(), KafkaTimeoutError()]
    second.complete_exceptionally(errors[0], errors.__getitem__)
    assert sent.is_done
    assert sent.failures() == list(zip(messages[4:6], errors, strict=True))


def test_partitions_are_added_to_the_transaction_first() -> None:
    """Nothing is sent outside of a transaction, or in one that has failed."""
    producer, added = Producer(), []

    def add(partition: TopicPartition) -> None:
        added.append(partition)
        assert not producer.batches()
        if partition == T1:
            raise KafkaTimeoutError

    producer._transaction_manager = SimpleNamespace(
        is_transactional=lambda: True, maybe_add_partition_to_transaction=add
    )
    with pytest.raises(KafkaTimeoutError):
        send_all(producer, {T0: [Message("t", None, b"")], T1: [Message("t", None, b"")]})
    assert added == [T0, T1]
    assert not producer.batches()


def test_a_closed_producer_sends_nothing() -> None:
    """A batch that is published while the worker closes is an error, not one that waits for ever."""
    producer = Producer()
    producer._accumulator.close()
    with pytest.raises(KafkaError, match="closed"):
        send_all(producer, {T0: [Message("t", None, b"")]})
    assert producer._accumulator._appends_in_progress.get() == 0


def test_kafka_python_describes_the_producer_for_each_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once `send` does not, measure it again: `patches.send` may be deleted."""
    described = Mock(return_value="")
    monkeypatch.setattr(KafkaProducer, "__str__", described)
    made: Any = KafkaProducer.__new__(KafkaProducer)
    fake = Producer()
    made.__dict__.update(fake.__dict__, _closed=False, _max_usable_produce_magic=2)
    made.config = {**KafkaProducer.DEFAULT_CONFIG, "api_version": (4, 0), "client_id": "test", "transactional_id": None}
    made._metadata = SimpleNamespace(partitions_for_topic=lambda _: {0}, topics=lambda: {"t"})
    made.send("t", b"value", partition=0)
    made._closed = True
    assert described.called

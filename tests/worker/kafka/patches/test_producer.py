"""Faults of kafka-python's flush and close, without a broker."""

from types import SimpleNamespace

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError, UnknownError
from kafka.producer.record_accumulator import RecordAccumulator

from worker.kafka.patches.producer import close, flush


class Sender:
    """A sender's thread."""

    def __init__(self) -> None:
        self.alive = True

    def force_close(self) -> None:
        """End it."""
        self.alive = False

    def join(self, seconds: float) -> None:
        """Return at once."""

    def is_alive(self) -> bool:
        """Return whether it still runs."""
        return self.alive


def producer() -> KafkaProducer:
    """Return a producer with a batch that the broker has had split: its records are rebound to two smaller ones."""
    split = SimpleNamespace(topic_partition=("t", 0), wait=lambda timeout: True, is_done=False)
    accumulator = RecordAccumulator()
    accumulator._incomplete = SimpleNamespace(all=lambda: [SimpleNamespace(produce_future=split)])
    made = KafkaProducer.__new__(KafkaProducer)
    made.__dict__.update(
        config={"client_id": "test", "transactional_id": None},
        _accumulator=accumulator,
        _sender=SimpleNamespace(wakeup=lambda: None),
        _closed=True,
    )
    return made


def stuck() -> KafkaProducer:
    """Return a producer that cannot send what it holds."""

    def time_out(*_: object) -> None:
        raise KafkaTimeoutError

    made = producer()
    made.__dict__.update(flush=time_out, _unregister_cleanup=lambda: None, _closed=False, _sender=Sender())
    return made


def test_kafka_python_fails_to_flush_a_split_batch() -> None:
    """Once flush waits for the smaller batches, `patches.producer.flush` can be deleted."""
    with pytest.raises(UnknownError, match="Future not done"):
        producer().flush(timeout=1)


def test_a_split_batch_is_flushed() -> None:
    """A batch that the broker has had split does not fail; its records' futures say whether they arrived."""
    flush(producer(), 1)


def test_kafka_python_leaves_a_thread_when_close_fails() -> None:
    """Once close ends the sender's thread in any case, `patches.producer.close` can be deleted."""
    failed = stuck()
    with pytest.raises(KafkaTimeoutError):
        failed.close(timeout=1)
    assert failed._sender.is_alive()
    failed._closed = True


def test_close_ends_the_thread() -> None:
    """A producer that cannot flush leaves no thread behind."""
    failed = stuck()
    close(failed, 1)
    assert not failed._sender.is_alive()
    failed._closed = True

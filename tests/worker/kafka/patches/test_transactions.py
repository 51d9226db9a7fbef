"""Faults of kafka-python's transactions, without a broker."""

import inspect
import threading

import pytest
from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, ProducerFencedError
from kafka.producer.transaction_manager import TransactionManager, TransactionState

from worker.errors import DeliveryError
from worker.kafka.patches.transactions import is_caused_by, within


@pytest.mark.parametrize("method", ["send_offsets_to_transaction", "commit_transaction", "abort_transaction"])
def test_kafka_python_has_no_timeout_for_transactions(method: str) -> None:
    """Once these methods have a time-out, `within` can be deleted."""
    assert not [name for name in inspect.signature(getattr(KafkaProducer, method)).parameters if "timeout" in name]


def test_a_call_that_does_not_return_raises() -> None:
    """The worker stops waiting for a transaction request after the time-out."""
    hang = threading.Event()
    with pytest.raises(DeliveryError, match=r"within 0.1 s"):
        within(0.1, hang.wait)
    hang.set()


def test_a_failed_call_raises_its_error() -> None:
    """The thread that makes the call does not swallow its error."""

    def fail() -> None:
        raise ProducerFencedError

    with pytest.raises(ProducerFencedError):
        within(1, fail)


def test_kafka_python_quotes_errors_instead_of_chaining_them() -> None:
    """Once the error is chained, `is_caused_by` can be an `isinstance` of the cause."""
    manager = TransactionManager("id")
    manager.transition_to_fatal_error(ProducerFencedError())
    with pytest.raises(KafkaError) as raised:
        manager.begin_transaction()
    assert not isinstance(raised.value, ProducerFencedError)
    assert raised.value.__cause__ is None
    assert is_caused_by(raised.value, (ProducerFencedError,))


def test_kafka_python_keeps_the_offsets_of_an_aborted_transaction() -> None:
    """Once an abort clears them, `discard_refused_offsets` can be deleted."""
    manager = TransactionManager("id")
    manager._current_state = TransactionState.ABORTING_TRANSACTION
    manager._pending_txn_offset_commits[TopicPartition("t", 0)] = OffsetAndMetadata(5, "", -1)
    manager._complete_transaction()
    assert manager._test_has_pending_offset_commits()

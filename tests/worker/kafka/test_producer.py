"""Publishing without a broker."""

import pytest
from kafka.errors import KafkaTimeoutError

from tests.worker.kafka.fakes import Future, Producer
from worker.errors import DeliveryError
from worker.kafka import KafkaSink, producer
from worker.settings import KafkaSettings
from worker.types import Message


def test_one_record_that_failed_fails_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch with one failed send raises, although flush succeeds, so that it is not committed."""
    monkeypatch.setattr(producer, "KafkaProducer", Producer)
    sink = KafkaSink(KafkaSettings())
    messages = [Message("t", b"k", b"v")] * 3
    sink._producer.futures = [Future(), Future(KafkaTimeoutError()), Future()]
    with pytest.raises(DeliveryError):
        sink.publish(messages)
    sink._producer.futures = [Future(), Future(), Future()]
    sink.publish(messages)


def test_an_acknowledgement_is_that_of_all_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    """No label is lost with a partition's leader, and no retry doubles one."""
    monkeypatch.setattr(producer, "KafkaProducer", Producer)
    config = KafkaSink(KafkaSettings())._producer.config
    assert (config["acks"], config["enable_idempotence"], config["allow_auto_create_topics"]) == ("all", True, False)


def test_messages_are_not_sent_after_one_failed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A send that the client itself refuses fails the batch, as the broker's refusal does."""

    class Refusing(Producer):
        def send(self, *_: object) -> Future:
            raise KafkaTimeoutError

    monkeypatch.setattr(producer, "KafkaProducer", Refusing)
    with pytest.raises(DeliveryError):
        KafkaSink(KafkaSettings()).publish([Message("t", b"k", b"v")])

"""Publishing without a broker."""

import time
from typing import ClassVar

import pytest
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

from tests.worker.kafka.fakes import Producer
from worker.errors import DeliveryError, TooLargeError
from worker.kafka import KafkaSink, producer
from worker.settings import KafkaSettings
from worker.types import Message


def test_one_record_that_failed_fails_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch with one failed send raises, although flush succeeds, so that it is not committed."""
    monkeypatch.setattr(producer, "KafkaProducer", Producer)
    sink = KafkaSink(KafkaSettings())
    messages = [Message("t", b"k", value) for value in (b"u", b"v", b"w")]
    sink._producer.refused = {b"v": KafkaTimeoutError()}
    with pytest.raises(DeliveryError):
        sink.publish(messages)
    sink._producer.refused = {}
    sink.publish(messages)


class Restarting(Producer):
    """A producer whose broker answers the first time, and then only the given number of attempts later."""

    failures: ClassVar[list[KafkaTimeoutError]] = []

    def __init__(self, **config: object) -> None:
        super().__init__(**config)
        if self.failures:
            raise self.failures.pop()


@pytest.mark.parametrize(("failures", "timeout_ms"), [(2, 60_000), (99, 100)])
def test_a_broker_that_restarts_is_waited_for(failures: int, timeout_ms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A producer that must be replaced waits as long as --delivery-timeout allows, not for one attempt."""
    monkeypatch.setattr(producer, "KafkaProducer", Restarting)
    monkeypatch.setattr(producer, "_RECONNECT_PAUSE_S", 0.01)
    sink = KafkaSink(KafkaSettings(), timeout_ms)
    before = sink._producer
    monkeypatch.setattr(Restarting, "failures", [KafkaTimeoutError()] * failures)
    if failures > 2:
        with pytest.raises(DeliveryError, match="cannot reconnect"):
            sink.reconnect()
    else:
        sink.reconnect()
        assert sink._producer is not before
        assert not Restarting.failures


def test_the_largest_record_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user learns which record the topic does not accept: the largest of those that share its batch."""
    monkeypatch.setattr(producer, "KafkaProducer", Producer)
    sink = KafkaSink(KafkaSettings())
    large = b"v" * 1_000
    sink._producer.refused = dict.fromkeys((b"v", large), MessageSizeTooLargeError())
    with pytest.raises(TooLargeError, match="a record is 1,0.. bytes"):
        sink.publish([Message("t", b"k", value) for value in (b"v", large)])


def test_an_acknowledgement_is_that_of_all_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    """No label is lost with a partition's leader, and no retry doubles one."""
    monkeypatch.setattr(producer, "KafkaProducer", Producer)
    config = KafkaSink(KafkaSettings())._producer.config
    assert (config["acks"], config["enable_idempotence"], config["allow_auto_create_topics"]) == ("all", True, False)


def test_messages_are_not_sent_after_one_failed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A send that the client itself refuses fails the batch, as the broker's refusal does."""

    class Refusing(Producer):
        def partitions_for(self, topic: str) -> set[int]:
            raise KafkaTimeoutError

    monkeypatch.setattr(producer, "KafkaProducer", Refusing)
    with pytest.raises(DeliveryError):
        KafkaSink(KafkaSettings()).publish([Message("t", b"k", b"v")])


class Stuck(Producer):
    """A producer whose records wait for a partition; those of the second producer do not."""

    made: ClassVar[list["Stuck"]] = []
    partition: ClassVar[int] = 0

    def __init__(self, **config: object) -> None:
        super().__init__(**config)
        self.made.append(self)

    def partitions_for(self, topic: str) -> set[int]:
        """Return the one partition that the producer knows."""
        return {self.partition} if self is self.made[0] else {0}

    def flush(self, timeout: float) -> None:
        """Wait for as long as is asked."""
        if self is not self.made[0]:
            return super().flush(timeout)
        time.sleep(timeout)
        raise KafkaTimeoutError("Timeout waiting for future")


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> type[Stuck]:
    """Return the producers that the sink makes."""
    monkeypatch.setattr(Stuck, "made", [])
    monkeypatch.setattr(producer, "KafkaProducer", Stuck)
    monkeypatch.setattr(producer, "_LOOK_S", 0.05)
    return Stuck


def test_the_time_out_is_for_the_batch_and_names_the_partition(stuck: type[Stuck]) -> None:
    """However many records wait, the worker gives up once, and says for which partition."""
    sink = KafkaSink(KafkaSettings(), 1_000)
    with pytest.raises(DeliveryError, match="no acknowledgement within 1 s from t-0"):
        sink.publish([Message("t", b"k", b"v")] * 1_000)
    assert len(stuck.made) == 1


def test_a_batch_for_a_partition_that_is_gone_goes_to_the_others(
    stuck: type[Stuck], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A topic that was created again with fewer partitions neither holds the worker up nor ends it."""
    monkeypatch.setattr(stuck, "partition", 7)
    sink = KafkaSink(KafkaSettings(), 60_000)
    sink.publish([Message("t", b"k", b"v")])
    assert [made._closed for made in stuck.made] == [True, False]
    assert "t-7 does not exist any more: the topic was created again with fewer partitions" in caplog.text

"""Exactly-once delivery without a broker: what a failed transaction means for the worker."""

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    ProducerFencedError,
)
from kafka.structs import ConsumerGroupMetadata

from tests.helpers import record
from tests.worker.kafka.fakes import Consumer, Producer
from worker.errors import BatchAbortedError, BrokerError, CascadeError, DeliveryError, FencedError
from worker.kafka import ExactlyOnceSession, consumer, exactly_once, producer
from worker.kafka.producer import PartitionGoneError
from worker.settings import WorkerSettings
from worker.types import Message


class Transactional(Producer):
    """A transactional producer that logs its calls; those in `fails` raise."""

    def __init__(self, **config: object) -> None:
        super().__init__(**config)
        self.calls: list[str] = []
        self.fails: dict[str, KafkaError] = {}
        self._transaction_manager = SimpleNamespace(
            is_transactional=lambda: True, maybe_add_partition_to_transaction=lambda _: self._call("send")
        )

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: self._call(name)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fails:
            raise self.fails[name]

    def flush(self, timeout: float) -> None:
        """Acknowledge what was sent."""
        self._call("flush")
        super().flush(timeout)

    def close(self, timeout: float) -> None:
        """Close it."""
        self._call("close")


class Member(Consumer):
    """A member of a group."""

    def group_metadata(self) -> ConsumerGroupMetadata:
        """Return its id and generation."""
        return ConsumerGroupMetadata("group", 3, "member 1")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> ExactlyOnceSession:
    """Return a session on the fake clients."""
    monkeypatch.setattr(producer, "KafkaProducer", Transactional)
    monkeypatch.setattr(consumer, "KafkaConsumer", Member)
    return ExactlyOnceSession(WorkerSettings(delivery="exactly_once", group_id="mine", delivery_timeout="1s"))


def deliver(session: ExactlyOnceSession) -> None:
    """Publish and commit one record."""
    session.publish([Message("t", b"k", b"v")])
    session.commit([record()])


def test_a_failed_connection_closes_the_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session whose consumer cannot connect leaves no producer open."""
    opened: list[Transactional] = []

    def connect(**config: object) -> Transactional:
        opened.append(Transactional(**config))
        return opened[-1]

    def fail(*_: object, **__: object) -> None:
        raise KafkaTimeoutError

    monkeypatch.setattr(producer, "KafkaProducer", connect)
    monkeypatch.setattr(consumer, "KafkaConsumer", fail)
    with pytest.raises(BrokerError):
        ExactlyOnceSession(WorkerSettings(delivery="exactly_once", connect_timeout="1s"))
    assert [made.calls for made in opened] == [["init_transactions", "close"]]


def test_offsets_are_in_the_transaction(session: ExactlyOnceSession) -> None:
    """Labels and offsets are committed together: either one alone would double or lose labels."""
    deliver(session)
    order = ["init_transactions", "begin_transaction", "send", "flush", "send_offsets_to_transaction"]
    assert session._sink._producer.calls == [*order, "commit_transaction"]
    assert session._sink._producer.config["transactional_id"].startswith("mine-")


@pytest.mark.parametrize("where", ["send", "send_offsets_to_transaction", "commit_transaction"])
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CommitFailedError(), BatchAbortedError),
        (MessageSizeTooLargeError(), DeliveryError),
        (FencedInstanceIdError(), FencedError),
    ],
)
def test_a_failure_aborts(where: str, error: KafkaError, kind: type[CascadeError], session: ExactlyOnceSession) -> None:
    """A failed batch is aborted; a temporary failure is retried, a permanent one ends the worker."""
    used = session._sink._producer
    used.fails[where] = error
    with pytest.raises(kind):
        deliver(session)
    assert [call for call in used.calls if call != "close"][-1] == "abort_transaction"


def test_an_aborted_batch_leaves_no_offsets_behind(session: ExactlyOnceSession) -> None:
    """After an aborted batch the session uses a new producer: the old one would send the refused offsets again."""
    used = session._sink._producer
    used.fails["send_offsets_to_transaction"] = CommitFailedError()
    with pytest.raises(BatchAbortedError):
        deliver(session)
    assert used.calls[-1] == "close"
    assert session._sink._producer is not used
    assert session._sink._producer.config == used.config, "the same transactional id aborts an open transaction"
    assert session._sink._producer.calls == ["init_transactions"]


def test_a_partition_that_is_gone_aborts_the_batch_at_once(session: ExactlyOnceSession) -> None:
    """The batch is polled again for the partitions that there are; an abort would wait for the one that is gone."""
    used = session._sink._producer
    used.fails["send"] = PartitionGoneError("t-2 does not exist any more")
    with pytest.raises(BatchAbortedError, match="t-2 does not exist any more"):
        deliver(session)
    assert "abort_transaction" not in used.calls
    assert session._sink._producer.calls == ["init_transactions"], "it aborts what the old producer left open"


@pytest.mark.parametrize("metadata", [("group", 3, ""), ("group", -1, "member 1")])
def test_a_worker_outside_of_its_group_commits_nothing(
    metadata: tuple[str, int, str], session: ExactlyOnceSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offsets without a member id and generation are not sent: the broker would not fence them."""
    monkeypatch.setattr(Member, "group_metadata", lambda _self: ConsumerGroupMetadata(*metadata))
    used = session._sink._producer
    with pytest.raises(BatchAbortedError, match="removed"):
        deliver(session)
    assert "send_offsets_to_transaction" not in used.calls


@pytest.fixture
def fenced(session: ExactlyOnceSession) -> ExactlyOnceSession:
    """Return a session that the broker has fenced, as it does when a transaction is open for too long."""
    session._sink._producer.fails["commit_transaction"] = ProducerFencedError()
    session._sink._producer.fails["abort_transaction"] = KafkaError("in an error state")
    return session


def test_a_zombie_ends(fenced: ExactlyOnceSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fenced worker whose partitions have another owner ends and says why."""
    monkeypatch.setattr(exactly_once, "is_displaced", lambda _settings, member: member == "member 1")
    with pytest.raises(FencedError, match="fenced"):
        deliver(fenced)


def test_a_slow_worker_continues(fenced: ExactlyOnceSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fenced worker that is still a member continues with a new producer and polls the batch again."""
    monkeypatch.setattr(exactly_once, "is_displaced", lambda _settings, member: member != "member 1")
    used = fenced._sink._producer
    with pytest.raises(BatchAbortedError, match="--transaction-timeout"):
        deliver(fenced)
    assert used.calls[-1] == "close"
    assert fenced._sink._producer.calls == ["init_transactions"], "a new producer, of a new epoch"


def test_a_call_that_never_returns_has_a_deadline(session: ExactlyOnceSession) -> None:
    """A transaction request that kafka-python waits for forever ends the worker after --delivery-timeout."""
    hang = threading.Event()
    session._sink._producer.commit_transaction = hang.wait
    with pytest.raises(DeliveryError, match="within 1 s"):
        deliver(session)
    hang.set()

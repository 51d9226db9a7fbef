"""Exactly once: what a transaction that goes wrong means for the worker."""

import threading
from collections.abc import Callable

import pytest
from kafka.errors import CommitFailedError, KafkaError, MessageSizeTooLargeError, ProducerFencedError
from kafka.structs import ConsumerGroupMetadata

from tests.helpers import record
from worker.errors import BatchAbortedError, CascadeError, DeliveryError, FencedError
from worker.kafka import ExactlyOnceSession, exactly_once
from worker.kafka import consumer as source
from worker.kafka import producer as sink
from worker.settings import WorkerSettings
from worker.types import Message


@pytest.fixture(autouse=True)
def _no_broker_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the wait for a broker that could tell why."""
    monkeypatch.setattr(sink, "ailing_topics", lambda *_: [])


class Future:
    """An acknowledgement."""

    def get(self, timeout: float) -> None:
        """Return at once."""


class Producer:
    """A transactional client that keeps a journal; `fails` raise when their call comes."""

    def __init__(self, **config: object) -> None:
        self.config = config
        self.calls: list[str] = []
        self.fails: dict[str, KafkaError] = {}

    def __getattr__(self, name: str) -> Callable[..., Future]:
        def call(*_: object, **__: object) -> Future:
            self.calls.append(name)
            if name in self.fails:
                raise self.fails[name]
            return Future()

        return call

    def partitions_for(self, topic: str) -> set[int]:
        """Know three of each topic."""
        return {0, 1, 2}


class Consumer:
    """A member of a group."""

    def __init__(self, *_: str, **__: object) -> None:
        pass

    def group_metadata(self) -> ConsumerGroupMetadata:
        """Return who it is."""
        return ConsumerGroupMetadata("group", 3, "member 1")

    def partitions_for_topic(self, topic: str) -> set[int]:
        """Know three of each topic."""
        return {0, 1, 2}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> ExactlyOnceSession:
    """Return a session on those clients."""
    monkeypatch.setattr(sink, "KafkaProducer", Producer)
    monkeypatch.setattr(source, "KafkaConsumer", Consumer)
    return ExactlyOnceSession(WorkerSettings(delivery="exactly_once", group_id="mine", delivery_timeout="1s"))


def deliver(session: ExactlyOnceSession) -> None:
    """Publish and commit one record."""
    session.publish([Message("t", b"k", b"v")])
    session.commit([record()])


def test_offsets_are_in_the_transaction(session: ExactlyOnceSession) -> None:
    """Labels without their offsets, or offsets without labels, would double or lose them."""
    deliver(session)
    order = ["init_transactions", "begin_transaction", "send", "flush", "send_offsets_to_transaction"]
    assert session._sink._producer.calls == [*order, "commit_transaction"]
    assert session._sink._producer.config["transactional_id"].startswith("mine-")


@pytest.mark.parametrize("where", ["send", "send_offsets_to_transaction", "commit_transaction"])
@pytest.mark.parametrize(
    ("error", "kind"), [(CommitFailedError(), BatchAbortedError), (MessageSizeTooLargeError(), DeliveryError)]
)
def test_a_failure_aborts(where: str, error: KafkaError, kind: type[CascadeError], session: ExactlyOnceSession) -> None:
    """Nothing of a failed batch is seen; what passes is tried again, what does not ends the worker."""
    used = session._sink._producer
    used.fails[where] = error
    with pytest.raises(kind):
        deliver(session)
    assert [call for call in used.calls if call != "close"][-1] == "abort_transaction"


def test_an_aborted_batch_leaves_no_offsets_behind(session: ExactlyOnceSession) -> None:
    """kafka-python would send what was refused along with the next transaction: it goes on with a fresh client."""
    used = session._sink._producer
    used.fails["send_offsets_to_transaction"] = CommitFailedError()
    with pytest.raises(BatchAbortedError):
        deliver(session)
    assert used.calls[-1] == "close"
    assert session._sink._producer is not used
    assert session._sink._producer.config == used.config, (
        "the same transactional id: a transaction left open is aborted"
    )
    assert session._sink._producer.calls == ["init_transactions"]


@pytest.mark.parametrize("metadata", [("group", 3, ""), ("group", -1, "member 1")])
def test_a_worker_without_a_group_commits_nothing(
    metadata: tuple[str, int, str], session: ExactlyOnceSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker checks no offsets that come without a member and its generation: others may have the partitions."""
    monkeypatch.setattr(Consumer, "group_metadata", lambda _self: ConsumerGroupMetadata(*metadata))
    used = session._sink._producer
    with pytest.raises(BatchAbortedError, match="removed"):
        deliver(session)
    assert "send_offsets_to_transaction" not in used.calls


@pytest.fixture
def fenced(session: ExactlyOnceSession) -> ExactlyOnceSession:
    """Return a session that the broker refuses, as it does once a transaction has been open for too long."""
    session._sink._producer.fails["commit_transaction"] = ProducerFencedError()
    session._sink._producer.fails["abort_transaction"] = KafkaError("in an error state")
    return session


def test_a_zombie_is_told_that_it_is_fenced(fenced: ExactlyOnceSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has its partitions: it ends, and says why."""
    monkeypatch.setattr(exactly_once, "is_displaced", lambda _settings, member: member == "member 1")
    with pytest.raises(FencedError, match="fenced"):
        deliver(fenced)


def test_a_slow_worker_goes_on(fenced: ExactlyOnceSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker's restart that takes longer than a transaction may is no reason to end: the batch comes again."""
    monkeypatch.setattr(exactly_once, "is_displaced", lambda _settings, member: member != "member 1")
    used = fenced._sink._producer
    with pytest.raises(BatchAbortedError, match="--transaction-timeout"):
        deliver(fenced)
    assert used.calls[-1] == "close"
    assert fenced._sink._producer.calls == ["init_transactions"], "a fresh client, of a new epoch"


def test_a_call_that_never_returns_has_a_deadline(session: ExactlyOnceSession) -> None:
    """kafka-python waits for ever on a transaction's requests: the worker does not."""
    hang = threading.Event()
    session._sink._producer.commit_transaction = hang.wait
    with pytest.raises(DeliveryError, match="within 1 s"):
        deliver(session)
    hang.set()

"""The promises of the connectors that a broker in good health does not put to the test."""

import socket
import ssl
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from kafka import TopicPartition, codec
from kafka.errors import (
    CommitFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
)
from kafka.structs import OffsetAndMetadata

from tests.helpers import record
from worker.errors import BrokerError, CascadeError, CommitError, DeliveryError, SettingError, SourceError
from worker.kafka import KafkaSink, KafkaSource, require_topics
from worker.kafka import consumer as source
from worker.kafka import producer as sink
from worker.kafka.config import client_config
from worker.kafka.lag import EndOffsets, how_often
from worker.kafka.patches.client import telling_client
from worker.settings import KafkaSettings, WorkerSettings
from worker.types import Message


@pytest.fixture(autouse=True)
def _no_broker_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the wait for a broker that could tell why."""
    monkeypatch.setattr(sink, "ailing_topics", lambda *_: [])


class Future:
    """What the producer gives for a record."""

    def __init__(self, error: KafkaError | None = None) -> None:
        self.error = error

    def get(self, timeout: float) -> None:
        """Return, or raise what happened."""
        if self.error:
            raise self.error


class Producer:
    """A client whose flush says that all is well, as kafka-python's does."""

    def __init__(self, **config: object) -> None:
        self.config = config
        self.futures: list[Future] = []

    def send(self, *_: object) -> Future:
        """Return the next future."""
        return self.futures.pop(0)

    def partitions_for(self, topic: str) -> set[int]:
        """Know three of each topic."""
        return {0, 1, 2}

    def flush(self, timeout: float) -> None:
        """Count failed sends as done."""


def test_one_record_that_failed_fails_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flush returns though a send failed: only a look at each future tells, and nothing may be committed then."""
    monkeypatch.setattr(sink, "KafkaProducer", Producer)
    publisher = KafkaSink(KafkaSettings())
    messages = [Message("t", b"k", b"v")] * 3
    publisher._producer.futures = [Future(), Future(KafkaTimeoutError()), Future()]
    with pytest.raises(DeliveryError):
        publisher.publish(messages)
    publisher._producer.futures = [Future(), Future(), Future()]
    publisher.publish(messages)


def test_an_acknowledgement_is_that_of_all_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A label that only the leader has is lost with it; a retry must not double one."""
    monkeypatch.setattr(sink, "KafkaProducer", Producer)
    config = KafkaSink(KafkaSettings())._producer.config
    assert (config["acks"], config["enable_idempotence"], config["allow_auto_create_topics"]) == ("all", True, False)


class Consumer:
    """A client of two partitions that remembers what is committed."""

    def __init__(self, *_: str, **config: object) -> None:
        self.config = config
        self.error: KafkaError | None = None
        self.committed: dict[TopicPartition, OffsetAndMetadata] = {}

    def poll(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[object]]:
        """Return nothing, or fail once."""
        if error := self.error:
            self.error = None
            raise error
        return {}

    def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata]) -> None:
        """Remember the offsets, or fail."""
        if self.error:
            raise self.error
        self.committed = offsets

    def assignment(self) -> set[TopicPartition]:
        """Return three partitions."""
        return {TopicPartition("t", n) for n in range(3)}

    def partitions_for_topic(self, topic: str) -> set[int]:
        """Know the topic."""
        return {0, 1, 2}

    def highwater(self, tp: TopicPartition) -> int | None:
        """Return the end; unknown for the last partition."""
        return {0: 10, 1: 7}.get(tp.partition)

    def end_offsets(self, partitions: list[TopicPartition], timeout_ms: int) -> dict[TopicPartition, int]:
        """Return more than what was fetched for one partition, or fail."""
        if self.error:
            raise self.error
        return {TopicPartition("t", 1): 12}

    def position(self, tp: TopicPartition, timeout_ms: int) -> int | None:
        """Return where it is."""
        return {0: 4, 1: 7}.get(tp.partition)


@pytest.fixture
def consuming(monkeypatch: pytest.MonkeyPatch) -> KafkaSource:
    """Return a source on that client."""
    monkeypatch.setattr(source, "KafkaConsumer", Consumer)
    monkeypatch.setattr(source, "POLL_MS", 1)
    return KafkaSource(WorkerSettings())


def test_the_offset_after_the_last_record_is_committed(consuming: KafkaSource) -> None:
    """One less would label a tweet again at every start, one more would lose one."""
    consuming.commit([record(offset=3), record(offset=4, leader_epoch=2), record(offset=9, partition=1)])
    assert consuming._consumer.committed == {
        TopicPartition("tweets", 0): OffsetAndMetadata(5, "", 2),
        TopicPartition("tweets", 1): OffsetAndMetadata(10, "", -1),
    }


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CommitFailedError, CommitError),
        (RequestTimedOutError, CommitError),
        (GroupAuthorizationFailedError, SourceError),
    ],
)
def test_a_commit_that_may_yet_succeed_does_not_end_the_worker(
    error: type[KafkaError], kind: type[CascadeError], consuming: KafkaSource
) -> None:
    """A rebalance passes; a group that may not be used does not, and labelling on without commits helps nobody."""
    consuming._consumer.error = error()
    with pytest.raises(kind):
        consuming.commit([record()])


def test_a_broker_that_is_away_is_asked_again(consuming: KafkaSource) -> None:
    """A cut connection passes, and is no reason to end; a topic that may not be read is."""
    consuming._consumer.error = KafkaConnectionError("111 ECONNREFUSED")
    assert consuming.poll(500) == []
    consuming._consumer.error = TopicAuthorizationFailedError()
    with pytest.raises(SourceError):
        consuming.poll(500)


def test_lag_is_what_is_still_to_be_polled(consuming: KafkaSource) -> None:
    """Operators scale by it; what is not known is not 0."""
    assert consuming.lag() == {("t", 0): 6, ("t", 1): 5, ("t", 2): None}


def test_lag_is_known_while_the_broker_does_not_say(consuming: KafkaSource) -> None:
    """A broker in trouble must not stop the loop, and what was fetched tells something."""
    consuming._consumer.error = RequestTimedOutError()
    assert consuming.lag() == {("t", 0): 6, ("t", 1): 0, ("t", 2): None}


@pytest.mark.parametrize(("mode", "full", "often"), [("shed", True, 1), ("shed", False, 0), ("lag", True, 0)])
def test_ends_are_asked_for_often_only_where_the_lag_decides(
    mode: Literal["shed", "lag"],
    full: bool,
    often: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A question costs the loop a millisecond or more; only a full poll may leave records that hide what came since."""
    asked: list[object] = []

    def end_offsets(*partitions: object, **_: object) -> dict[TopicPartition, int]:
        asked.extend(partitions)
        return {}

    consumer = Consumer()
    monkeypatch.setattr(consumer, "end_offsets", end_offsets)
    of = EndOffsets(consumer, how_often(WorkerSettings(on_overload=mode, latency_objective="10ms")))
    deadline = time.monotonic() + (5.0 if often else 0.3)
    while len(asked) < 2 and time.monotonic() < deadline:
        of.of([TopicPartition("t", 0)], stale=full)
    assert len(asked) == 1 + often


def test_records_of_any_compression_can_be_read() -> None:
    """Producers choose; a topic of theirs must not stop the worker."""
    assert all(has() for has in (codec.has_gzip, codec.has_snappy, codec.has_lz4, codec.has_zstd))


def test_nothing_is_committed_unasked(consuming: KafkaSource) -> None:
    """Offsets move by our commits alone, and aborted transactions are not read."""
    config = consuming._consumer.config
    assert (config["enable_auto_commit"], config["isolation_level"]) == (False, "read_committed")
    assert config["auto_offset_reset"] == "earliest"


def test_security_settings_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user sets is what kafka-python gets; what they do not set, it keeps its default for."""
    monkeypatch.setenv("CASCADE_SASL_PLAIN_PASSWORD", "secret")
    given: dict[str, Any] = {
        "security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "sasl_plain_username": "u",
        "ssl_check_hostname": False,
    }  # fmt: skip
    config = client_config(KafkaSettings(bootstrap_servers="a:1, b:2", **given))
    context = config.pop("ssl_context")
    assert (context.check_hostname, context.verify_mode) == (False, ssl.CERT_REQUIRED)
    assert config == {
        **{name: value for name, value in given.items() if name != "ssl_check_hostname"},
        "sasl_plain_password": "secret", "bootstrap_servers": ["a:1", "b:2"],
        "bootstrap_timeout_ms": 30_000, "kafka_client": telling_client,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "message"), [("ssl_cafile", "--ssl-cafile"), ("ssl_certfile", "--ssl-keyfile")])
def test_a_file_that_is_no_certificate_is_named(name: str, message: str, tmp_path: Path) -> None:
    """Whoever names the wrong file learns which setting it is, before anything is connected to."""
    (tmp_path / "some.pem").write_text("no certificate")
    given: dict[str, Any] = {"security_protocol": "SSL", name: tmp_path / "some.pem"}
    with pytest.raises(SettingError, match=message):
        client_config(KafkaSettings(**given))


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
def test_a_silent_listener_is_given_up(protocol: str) -> None:
    """A port of something else, or TLS where there is none, ends in one line within the time-out."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        settings = KafkaSettings(bootstrap_servers=address, security_protocol=protocol, connect_timeout="500ms")
        start = time.monotonic()
        with pytest.raises(BrokerError, match=address):
            require_topics(settings, ["t"])
        assert time.monotonic() - start < 10


def test_messages_are_not_sent_after_one_failed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the client itself refuses, a record that is too large, say, fails the batch as the broker's refusal does."""

    class Refusing(Producer):
        def send(self, *_: object) -> Future:
            raise KafkaTimeoutError

    monkeypatch.setattr(sink, "KafkaProducer", Refusing)
    sent: Sequence[Message] = [Message("t", b"k", b"v")]
    with pytest.raises(DeliveryError):
        KafkaSink(KafkaSettings()).publish(sent)

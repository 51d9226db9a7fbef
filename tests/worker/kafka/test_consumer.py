"""Polling and committing without a broker."""

import pytest
from kafka import TopicPartition, codec
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    RequestTimedOutError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
)
from kafka.structs import OffsetAndMetadata

from tests.helpers import record
from worker.errors import BrokerError, CascadeError, CommitError, FencedError, SourceError
from worker.kafka import KafkaSource, consumer


def test_the_offset_after_the_last_record_is_committed(source: KafkaSource) -> None:
    """One less would label a tweet again at every start, one more would lose one."""
    source.commit([record(offset=3), record(offset=4, leader_epoch=2), record(offset=9, partition=1)])
    assert source._consumer.committed == {
        TopicPartition("tweets", 0): OffsetAndMetadata(5, "", 2),
        TopicPartition("tweets", 1): OffsetAndMetadata(10, "", -1),
    }


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CommitFailedError, CommitError),
        (RequestTimedOutError, CommitError),
        (GroupAuthorizationFailedError, SourceError),
        (FencedInstanceIdError, FencedError),
    ],
)
def test_a_temporary_commit_failure_does_not_end_the_worker(
    error: type[KafkaError], kind: type[CascadeError], source: KafkaSource
) -> None:
    """A rebalance is temporary; a missing authorization is not, and ends the worker."""
    source._consumer.error = error()
    with pytest.raises(kind):
        source.commit([record()])


def test_an_unavailable_broker_is_polled_again(source: KafkaSource) -> None:
    """A broken connection yields an empty poll; a topic that the worker is not authorized to read ends it."""
    source._consumer.error = KafkaConnectionError("111 ECONNREFUSED")
    assert source.poll(500) == []
    source._assignments.on_partitions_assigned([])
    source._consumer.error = TopicAuthorizationFailedError()
    with pytest.raises(SourceError):
        source.poll(500)


def test_a_login_that_is_refused_later_is_tried_again(source: KafkaSource) -> None:
    """A token that expires on its way to the broker does not end a member; the next login has another one."""
    source._consumer.error = SaslAuthenticationFailedError("invalid_token")
    with pytest.raises(SourceError):
        source.poll(500)
    source._assignments.on_partitions_assigned([])
    source._consumer.error = SaslAuthenticationFailedError("invalid_token")
    assert source.poll(500) == []
    source._consumer.error = SaslAuthenticationFailedError("invalid_token")
    with pytest.raises(CommitError):
        source.commit([record()])


def test_a_refusal_before_the_worker_has_joined_is_for_the_user(source: KafkaSource) -> None:
    """It ends the worker with exit code 2, and names what to change."""
    source._consumer.error = GroupAuthorizationFailedError()
    with pytest.raises(BrokerError, match=r"cannot join group tweet-cascade: .* Read --group tweet-cascade"):
        source.poll(500)


def test_a_second_worker_of_the_same_name_ends_the_first(source: KafkaSource) -> None:
    """The line names the setting: whoever copies a configuration copies the name, too."""
    source._consumer.error = FencedInstanceIdError()
    with pytest.raises(FencedError, match="--group-instance-id"):
        source.poll(500)


def test_a_commit_without_an_answer_is_explained(source: KafkaSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """kafka-python's time-out of a commit has no text; the topic of the offsets may lack replicas."""
    monkeypatch.setattr(consumer, "topic_problems", lambda _, names: [f"{names} lack replicas"])
    source._consumer.error = KafkaTimeoutError()
    with pytest.raises(CommitError, match=r"does not accept commits in time; \['__consumer_offsets'\] lack replicas"):
        source.commit([record()])


def test_nothing_is_committed_unasked(source: KafkaSource) -> None:
    """Only the worker's own commits move offsets, and aborted transactions are not read."""
    config = source._consumer.config
    assert (config["enable_auto_commit"], config["isolation_level"]) == (False, "read_committed")
    assert config["auto_offset_reset"] == "none", "kafka-python would move a position without a word"


def test_records_of_any_compression_can_be_read() -> None:
    """Every codec that a producer may choose is installed."""
    assert all(has() for has in (codec.has_gzip, codec.has_snappy, codec.has_lz4, codec.has_zstd))

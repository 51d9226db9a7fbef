"""Transactions that exceed their time-out: slow workers continue, zombies end."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest

from deploy.kafka import Cluster
from tests.helpers import record
from tests.kafka.support.auditor import audit, read_topic
from tests.kafka.support.deployment import Deployment
from tests.kafka.support.outage import outage
from tests.kafka.support.sessions import committed, exactly_once, join, member_of
from tests.kafka.support.tweets import Feed
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.errors import BatchAbortedError, FencedError
from worker.kafka import ExactlyOnceSession, create_topics
from worker.kafka.admin import admin_client
from worker.settings import KafkaSettings, WorkerSettings
from worker.types import Message

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


@dataclass
class Member:
    """A worker's session."""

    settings: WorkerSettings
    session: ExactlyOnceSession

    def publish(self, value: bytes) -> None:
        """Publish one record and leave the transaction open."""
        self.session.publish([Message(self.settings.output_topic, None, value)])

    def commit(self, offset: int) -> None:
        """Commit a batch that ends with this offset of partition 0."""
        self.session.commit([record(topic=self.settings.input_topic, partition=0, offset=offset)])

    def wait_aborted(self) -> None:
        """Wait until the broker has aborted the open transaction: only then the auditor reads to the end."""
        assert self.published() == []

    def published(self) -> list[bytes]:
        """Return the committed records of the output topic."""
        return [value for value, _ in read_topic(self.settings.bootstrap_servers, self.settings.output_topic)]


@contextmanager
def joining(settings: KafkaSettings) -> Iterator[Member]:
    """Yield a member of a group whose transactions may stay open for a second."""
    mine = exactly_once(settings, transaction_timeout="1s")
    with closing(ExactlyOnceSession(mine)) as session:
        join(session)
        yield Member(mine, session)


@pytest.fixture
def member(settings: KafkaSettings) -> Iterator[Member]:
    """Return such a member."""
    with joining(settings) as found:
        yield found


def test_a_slow_member_continues(member: Member) -> None:
    """A batch that the broker aborted is delivered again, and is visible and committed once."""
    member.publish(b"aborted")
    member.wait_aborted()
    with pytest.raises(BatchAbortedError, match=r"--transaction-timeout \(1 s\)"):
        member.commit(99)
    assert committed(member.settings, 0) <= 0
    member.publish(b"again")
    member.commit(99)
    assert committed(member.settings, 0) == 100
    assert member.published() == [b"again"]


def test_an_expired_transactional_id(settings: KafkaSettings) -> None:
    """After a week without a tweet the broker forgets the transactional id; the next batch is retried and delivered."""
    forgetful = {
        "transactional.id.expiration.ms": "1000",
        "transaction.remove.expired.transaction.cleanup.interval.ms": "500",
    }
    with Cluster(properties=forgetful) as cluster:
        mine = settings.model_copy(update={"bootstrap_servers": cluster.bootstrap_servers})
        create_topics(mine, [mine.input_topic, mine.output_topic], 1, 1)
        with joining(mine) as member, admin_client(mine) as admin:
            wait_until(
                lambda: not any(admin.list_transactions().values()), 30, lambda: "the transactional id does not expire"
            )
            with pytest.raises(BatchAbortedError, match="expired"):
                member.publish(b"refused")
            member.publish(b"done")
            member.commit(99)
        assert member.published() == [b"done"]
        assert committed(member.settings, 0) == 100


def test_a_zombie_ends(member: Member, settings: KafkaSettings) -> None:
    """A worker whose partitions have another owner is fenced within its batch, and nothing of the batch is visible."""
    was = member.session._source.group_metadata()
    member.publish(b"zombie")
    member.session._source.close()
    with joining(settings), member_of(member.session, was):
        member.wait_aborted()
        with pytest.raises(FencedError, match="fenced"):
            member.commit(99)
    assert committed(member.settings, 0) <= 0
    assert member.published() == []


@pytest.mark.parametrize("delivery", ["exactly_once"])
def test_an_outage_longer_than_the_transaction_timeout(
    workers: Workers, feed: Feed, settings: KafkaSettings, cluster: Cluster, delivery: str
) -> None:
    """The workers wait for the broker and continue by themselves, and nothing is lost or doubled."""
    feed.add(10_000)
    workers._command += ["--session-timeout", "45s"]  # the default: the group outlasts the broker's restart
    running = [workers.start(transaction_ms=1_000), workers.start(transaction_ms=1_000)]
    workers.wait_first_commit(feed)
    with outage(cluster, [Deployment(settings, feed, workers)]):
        time.sleep(5)
    feed.add(1_000)
    workers.wait_done(120)
    assert [worker.poll() for worker in running] == [None, None], workers.logs()
    audit(settings).check(feed.count, delivery)

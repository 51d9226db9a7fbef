"""Transactions that are open for longer than the broker lets them: slow workers go on, zombies end."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest

from deploy.kafka import Cluster
from tests.helpers import record
from tests.kafka.auditor import _read, audit
from tests.kafka.sessions import committed, exactly_once, join, member_of
from tests.kafka.test_faults import wait_first_commit
from tests.kafka.workers import Feed, Workers, wait_until
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
        return [value for value, _ in _read(self.settings.bootstrap_servers, self.settings.output_topic)]


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


def test_a_member_that_was_slow_goes_on(member: Member) -> None:
    """The batch that the broker has aborted comes again, and is seen and committed once."""
    member.publish(b"aborted")
    member.wait_aborted()
    with pytest.raises(BatchAbortedError, match=r"--transaction-timeout \(1 s\)"):
        member.commit(99)
    assert committed(member.settings, 0) < 0
    member.publish(b"again")
    member.commit(99)
    assert committed(member.settings, 0) == 100
    assert member.published() == [b"again"]


def test_a_week_without_a_tweet(settings: KafkaSettings) -> None:
    """The broker forgets a transactional id that is not used: the first batch after that comes again, and is done."""
    forgetful = {
        "transactional.id.expiration.ms": "1000",
        "transaction.remove.expired.transaction.cleanup.interval.ms": "500",
    }
    with Cluster(properties=forgetful) as cluster:
        mine = settings.model_copy(update={"bootstrap_servers": cluster.bootstrap_servers})
        create_topics(mine, [mine.input_topic, mine.output_topic], 1, 1)
        with joining(mine) as member, admin_client(mine) as admin:
            wait_until(lambda: not any(admin.list_transactions().values()), 30, lambda: "the broker forgets nothing")
            with pytest.raises(BatchAbortedError, match="expired"):
                member.publish(b"refused")
            member.publish(b"done")
            member.commit(99)
        assert member.published() == [b"done"]
        assert committed(member.settings, 0) == 100


def test_a_zombie_ends(member: Member, settings: KafkaSettings) -> None:
    """Another member has its partitions: it is fenced in the middle of its batch, and nothing of that is seen."""
    was = member.session._source.group_metadata()
    member.publish(b"zombie")
    member.session._source.close()
    with joining(settings), member_of(member.session, was):
        member.wait_aborted()
        with pytest.raises(FencedError, match="fenced"):
            member.commit(99)
    assert committed(member.settings, 0) < 0
    assert member.published() == []


@pytest.mark.parametrize("delivery", ["exactly_once"])
def test_a_broker_that_is_away_longer_than_a_transaction_may_be_open(
    workers: Workers, feed: Feed, settings: KafkaSettings, cluster: Cluster, delivery: str
) -> None:
    """Its workers wait for it, go on with their batches, and lose and double nothing; nobody starts them again."""
    feed.add(10_000)
    workers._command += ["--session-timeout", "45s"]  # the default: the group is to outlast the broker's restart
    running = [workers.start(transaction_ms=1_000), workers.start(transaction_ms=1_000)]
    wait_first_commit(workers, feed)
    feed.keep(5_000)
    cluster.brokers[0].kill()
    assert workers.busy(), "work was to be left when the broker died"
    back = time.monotonic() + 5
    wait_until(lambda: time.monotonic() > back, 10, lambda: "time stands still")
    cluster.brokers[0].start()
    cluster.wait_ready()
    feed.add(1_000)
    workers.wait_done(120)
    assert [worker.poll() for worker in running] == [None, None], workers.logs()
    audit(settings).check(feed.count, delivery)

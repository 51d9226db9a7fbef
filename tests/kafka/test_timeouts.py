"""Transactions that are open for longer than the broker lets them: slow workers go on, zombies end."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.kafka import Cluster
from tests.helpers import record
from tests.kafka.auditor import _read, audit
from tests.kafka.test_faults import wait_first_commit
from tests.kafka.test_transactions import committed
from tests.kafka.workers import Feed, Workers, group_of, wait_until
from worker.errors import BatchAbortedError, FencedError
from worker.kafka import TransactionalSink, TransactionalSource, create_topics
from worker.kafka.admin import administering
from worker.settings import KafkaSettings, WorkerSettings
from worker.types import Message, Record

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


@dataclass
class Member:
    """A worker's source and sink."""

    settings: WorkerSettings
    sink: TransactionalSink
    source: TransactionalSource

    def join(self) -> None:
        """Return once the group counts it in."""
        while not self.source.joined():
            self.source.poll(500)

    def publish(self, value: bytes) -> None:
        """Leave a transaction open."""
        self.sink.publish([Message(self.settings.output_topic, None, value)])

    def last(self, offset: int) -> list[Record]:
        """Return the last record of a batch."""
        return [record(topic=self.settings.input_topic, partition=0, offset=offset)]

    def wait_aborted(self) -> None:
        """Return once the broker has aborted what is open: only then the auditor's reading comes to an end."""
        assert _read(self.settings.bootstrap_servers, self.settings.output_topic) == []


@contextmanager
def joining(settings: KafkaSettings) -> Iterator[Member]:
    """Yield a member of a group whose transactions may be open for a second."""
    own = {"group_id": group_of(settings), "delivery": "exactly_once", "transaction_timeout": "1s"}
    mine = WorkerSettings(**{**settings.model_dump(), **own})
    with closing(TransactionalSink(mine)) as sink, closing(TransactionalSource(mine, sink)) as source:
        yield Member(mine, sink, source)


@pytest.fixture
def member(settings: KafkaSettings) -> Iterator[Member]:
    """Return such a member."""
    with joining(settings) as found:
        yield found


def test_a_member_that_was_slow_goes_on(member: Member) -> None:
    """The batch that the broker has aborted comes again, and is seen and committed once."""
    member.join()
    member.publish(b"aborted")
    member.wait_aborted()
    with pytest.raises(BatchAbortedError, match=r"--transaction-timeout \(1 s\)"):
        member.source.commit(member.last(99))
    assert committed(member.settings, 0) < 0
    member.publish(b"again")
    member.source.commit(member.last(99))
    assert committed(member.settings, 0) == 100
    assert [value for value, _ in _read(member.settings.bootstrap_servers, member.settings.output_topic)] == [b"again"]


def test_a_week_without_a_tweet(settings: KafkaSettings) -> None:
    """The broker forgets a transactional id that is not used: the first batch after that comes again, and is done."""
    forgetful = {
        "transactional.id.expiration.ms": "1000",
        "transaction.remove.expired.transaction.cleanup.interval.ms": "500",
    }
    with Cluster(properties=forgetful) as cluster:
        mine = settings.model_copy(update={"bootstrap_servers": cluster.bootstrap_servers})
        create_topics(mine, [mine.input_topic, mine.output_topic], 1, 1)
        with joining(mine) as member, administering(mine) as admin:
            member.join()
            wait_until(lambda: not any(admin.list_transactions().values()), 30, lambda: "the broker forgets nothing")
            with pytest.raises(BatchAbortedError, match="expired"):
                member.publish(b"refused")
            member.publish(b"done")
            member.source.commit(member.last(99))
        assert [value for value, _ in _read(mine.bootstrap_servers, mine.output_topic)] == [b"done"]
        assert committed(member.settings, 0) == 100


class Stale(TransactionalSource):
    """A source that was stopped while its group went on: it knows nothing of it."""

    def group_metadata(self) -> Any:  # noqa: ANN401 (kafka-python has no types)
        """Return who it was."""
        return self.was

    was: Any = None


def test_a_zombie_ends(member: Member) -> None:
    """Another member has its partitions: it is fenced in the middle of its batch, and nothing of that is seen."""
    member.join()
    stale = Stale.__new__(Stale)
    stale.__dict__.update(member.source.__dict__, was=member.source.group_metadata())
    member.sink.member_id = lambda: str(stale.was.member_id)
    member.publish(b"zombie")
    member.source.close()
    heir = TransactionalSink(member.settings)
    with closing(heir), closing(TransactionalSource(member.settings, heir)) as source:
        Member(member.settings, heir, source).join()
        member.wait_aborted()
        with pytest.raises(FencedError, match="fenced"):
            stale.commit(member.last(99))
    assert committed(member.settings, 0) < 0
    assert _read(member.settings.bootstrap_servers, member.settings.output_topic) == []


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

"""Aborted transactions and broken connections."""

from contextlib import closing
from threading import Thread

import pytest

from tests.helpers import record
from tests.kafka.support.proxy import Proxy
from tests.kafka.support.sessions import committed, exactly_once, join, member_of
from worker.errors import BatchAbortedError
from worker.kafka import ExactlyOnceSession
from worker.settings import KafkaSettings
from worker.types import Message

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]


def test_a_commit_survives_a_broken_connection(settings: KafkaSettings, proxy: Proxy) -> None:
    """A transaction request without a connection is sent once there is one."""
    mine = exactly_once(settings, bootstrap_servers=f"127.0.0.1:{proxy.port}")
    with closing(ExactlyOnceSession(mine)) as session:
        join(session)
        session.publish([Message(mine.output_topic, None, b"label")])
        proxy.cut()
        committing = Thread(target=session.commit, args=[[record(topic=mine.input_topic, offset=4)]], daemon=True)
        committing.start()
        committing.join(1)
        assert committing.is_alive(), "the commit does not wait for the broker"
        proxy.restore()
        committing.join(30)
        assert not committing.is_alive()
    assert committed(exactly_once(settings), 0) == 5


def test_an_aborted_batch_is_not_skipped(settings: KafkaSettings) -> None:
    """The offsets of an aborted batch are not committed with the next batch, so the aborted one is labelled later."""
    mine = exactly_once(settings)
    message = [Message(mine.output_topic, None, b"label")]
    with closing(ExactlyOnceSession(mine)) as session:
        join(session)
        session.publish(message)
        removed = session._source.group_metadata()._replace(member_id="gone")
        with member_of(session, removed), pytest.raises(BatchAbortedError, match="UnknownMemberId"):
            session.commit([record(topic=mine.input_topic, partition=0, offset=299)])
        session.publish(message)
        session.commit([record(topic=mine.input_topic, partition=1, offset=99)])
    assert committed(mine, 1) == 100
    assert committed(mine, 0) <= 0, "no record of partition 0 was labelled"

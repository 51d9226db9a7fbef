"""Static members of the group, named by --group-instance-id."""

import socket
import subprocess
from collections.abc import Mapping

import pytest
from confluent_kafka import ConsumerGroupState
from confluent_kafka.admin import AdminClient, ConsumerGroupDescription

from tests.kafka.support.auditor import audit
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import Feed, group_of
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]

REBALANCES = "cascade_rebalances_total"
NAMES = ["worker-0", "worker-1", "worker-2"]


class Group:
    """The group as the broker sees it."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._admin = AdminClient({"bootstrap.servers": settings.bootstrap_servers})
        self.name = group_of(settings)

    def assignments(self) -> Mapping[str, frozenset[int]]:
        """Return the partitions of each static member; nothing during a rebalance."""
        found = self._describe()
        held = {
            m.group_instance_id: frozenset(p.partition for p in m.assignment.topic_partitions) for m in found.members
        }
        return held if found.state == ConsumerGroupState.STABLE else {}

    def clients(self) -> set[str]:
        """Return the members' client ids."""
        return {member.client_id for member in self._describe().members}

    def _describe(self) -> ConsumerGroupDescription:
        return self._admin.describe_consumer_groups([self.name])[self.name].result(10)


def start(workers: Workers, name: str) -> subprocess.Popen[bytes]:
    """Start a static member, and wait until it has partitions."""
    workers.environment = {"CASCADE_GROUP_INSTANCE_ID": name, "CASCADE_SESSION_TIMEOUT": "45s"}
    worker = workers.start()
    wait_until(lambda: workers.metric(worker, "cascade_ready") == 1, 60, workers.logs)
    return worker


@pytest.fixture
def static(workers: Workers) -> Workers:
    """Return workers whose session outlasts a restart."""
    at = workers._command.index("--session-timeout")
    del workers._command[at : at + 2]
    return workers


@both_modes
def test_a_rolling_restart_moves_no_partition(
    static: Workers, feed: Feed, settings: KafkaSettings, delivery: str
) -> None:
    """Three workers are replaced in turn under load: nobody rebalances, and each name keeps its partition."""
    group = Group(settings)
    running = {name: start(static, name) for name in NAMES}
    wait_until(lambda: [len(held) for held in group.assignments().values()] == [1] * 3, 60, static.logs)
    before = group.assignments()
    for name in NAMES:
        feed.add(300)
        running[name].terminate()
        assert running[name].wait(60) == 0, static.logs()
        assert group.assignments() == before
        others = {other: static.metric(running[other], REBALANCES) for other in NAMES if other != name}
        running[name] = start(static, name)
        static.wait_done(60)
        assert group.assignments() == before
        assert {other: static.metric(running[other], REBALANCES) for other in others} == others
        assert static.metric(running[name], REBALANCES) == 1
    assert group.clients() == {f"{group.name}-{socket.gethostname()}"}
    found = audit(settings)
    found.check(900, delivery)
    assert found.doubled == 0


@both_modes
def test_a_name_that_two_workers_have(static: Workers, feed: Feed) -> None:
    """The later one takes over; the earlier one ends with a line that names the setting."""
    first, second = start(static, "same"), start(static, "same")
    feed.add(300)
    assert first.wait(60) == 1, static.logs()
    static.running.remove(first)
    static.wait_done(60)
    assert second.poll() is None, static.logs()
    assert "--group-instance-id same" in static.logs()
    assert "Traceback" not in static.logs()

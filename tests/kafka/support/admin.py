"""Administration of topics and groups, with another client than the worker's."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from typing import TypeVar

from confluent_kafka import ElectionType, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    PartitionMetadata,
    ResourceType,
)
from kafka import KafkaAdminClient

from tests.kafka.support.auditor import with_retries
from tests.kafka.support.waiting import wait_until
from worker.settings import KafkaSettings

_TIMEOUT_S = 10.0
T = TypeVar("T")


def _admin(settings: KafkaSettings) -> AdminClient:
    """Return a client; keep a reference to it, or it drops its requests."""
    return AdminClient({"bootstrap.servers": settings.bootstrap_servers})


def _ask(settings: KafkaSettings, request: Callable[[AdminClient], Future[T]]) -> T:
    """Send a request that may be repeated, with another client where it is not answered: it may ask a dead broker."""

    def answer() -> T:
        admin = _admin(settings)
        return request(admin).result(_TIMEOUT_S)

    return with_retries(answer)


def open_transactions(settings: KafkaSettings, group: str) -> int:
    """Return the number of open transactions of the group's workers."""
    with closing(KafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)) as admin:
        found = admin.list_transactions(state_filters=["Ongoing"], transactional_id_pattern=f"{group}-.*")
    return sum(map(len, found.values()))


def leaders(settings: KafkaSettings, topic: str) -> list[int]:
    """Return the leader of each partition, in the partitions' order; -1 for none."""
    return [partition.leader for partition in _partitions(settings, topic)]


def in_sync(settings: KafkaSettings, topic: str) -> int:
    """Return the smallest number of in-sync replicas of any partition."""
    return min(len(partition.isrs) for partition in _partitions(settings, topic))


def _partitions(settings: KafkaSettings, topic: str) -> list[PartitionMetadata]:
    found = with_retries(lambda: _admin(settings).list_topics(topic, _TIMEOUT_S)).topics[topic].partitions
    return [found[p] for p in sorted(found)]


def set_topic_config(settings: KafkaSettings, topic: str, name: str, value: int) -> None:
    """Change a setting of a topic, as an operator does."""
    entry = ConfigEntry(name, str(value), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    _ask(settings, lambda admin: admin.incremental_alter_configs([resource])[resource])


def topic_config(settings: KafkaSettings, topic: str, name: str) -> str:
    """Return a setting of a topic."""
    resource = ConfigResource(ResourceType.TOPIC, topic)
    return str(_ask(settings, lambda admin: admin.describe_configs([resource])[resource])[name].value)


def delete_topic(settings: KafkaSettings, topic: str) -> None:
    """Delete a topic, as somebody does by mistake."""
    admin = _admin(settings)
    admin.delete_topics([topic])[topic].result(30)
    wait_until(lambda: topic not in admin.list_topics(timeout=10).topics, 30, lambda: f"{topic} still exists")


def elect_preferred(settings: KafkaSettings, topics: list[str]) -> None:
    """Make the first replica of each partition its leader again."""
    found = [TopicPartition(t, p) for t in topics for p in range(len(_partitions(settings, t)))]
    for error in _ask(settings, lambda admin: admin.elect_leaders(ElectionType.PREFERRED, found)).values():
        assert error is None or "ELECTION_NOT_NEEDED" in str(error), error


def add_partitions(settings: KafkaSettings, topic: str, total: int) -> None:
    """Raise a topic's number of partitions."""
    admin = _admin(settings)
    admin.create_partitions([NewPartitions(topic, total)])[topic].result(30)


def delete_records(settings: KafkaSettings, partition: tuple[str, int], before: int) -> None:
    """Delete a partition's records before an offset, as retention does."""
    wanted = TopicPartition(*partition, before)
    admin = _admin(settings)
    admin.delete_records([wanted])[wanted].result(30)

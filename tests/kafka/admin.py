"""What an operator does to topics and groups, from outside."""

from contextlib import closing

from confluent_kafka import ElectionType, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    PartitionMetadata,
    ResourceType,
)
from kafka import KafkaAdminClient

from tests.kafka.auditor import patiently
from worker.settings import KafkaSettings

_PATIENCE = 10.0


def _admin(settings: KafkaSettings) -> AdminClient:
    """Return a client; what it was asked is given up once nobody refers to it any more."""
    return AdminClient({"bootstrap.servers": settings.bootstrap_servers})


def open_transactions(settings: KafkaSettings, group: str) -> int:
    """Return how many transactions the group's workers have begun and not ended."""
    with closing(KafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)) as admin:
        found = admin.list_transactions(state_filters=["Ongoing"], transactional_id_pattern=f"{group}-.*")
    return sum(map(len, found.values()))


def leaders(settings: KafkaSettings, topic: str) -> list[int]:
    """Return the broker that leads each partition, in the partitions' order; -1 where none does."""
    return [partition.leader for partition in _partitions(settings, topic)]


def in_sync(settings: KafkaSettings, topic: str) -> int:
    """Return how many replicas are in sync where there are the fewest."""
    return min(len(partition.isrs) for partition in _partitions(settings, topic))


def _partitions(settings: KafkaSettings, topic: str) -> list[PartitionMetadata]:
    found = patiently(lambda: _admin(settings).list_topics(topic, _PATIENCE)).topics[topic].partitions
    return [found[p] for p in sorted(found)]


def ask_replicas(settings: KafkaSettings, topic: str, count: int) -> None:
    """Have the topic take records only while as many replicas are in sync."""
    entry = ConfigEntry("min.insync.replicas", str(count), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = _admin(settings)
    for done in admin.incremental_alter_configs([resource]).values():
        done.result(_PATIENCE)


def elect_preferred(settings: KafkaSettings, topics: list[str]) -> None:
    """Have the first replica of each partition lead it again."""
    admin = _admin(settings)
    found = [TopicPartition(t, p) for t in topics for p in admin.list_topics(t, _PATIENCE).topics[t].partitions]
    for error in admin.elect_leaders(ElectionType.PREFERRED, found).result(_PATIENCE).values():
        assert error is None or "ELECTION_NOT_NEEDED" in str(error), error

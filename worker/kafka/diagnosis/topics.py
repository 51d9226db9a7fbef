"""Why topics do not take records: missing, without a leader, or without enough replicas in sync."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta

from worker.errors import BrokerError
from worker.kafka.admin import TopicDescription, admin_client, is_hidden
from worker.settings import KafkaSettings

OFFSETS, TRANSACTIONS = "__consumer_offsets", "__transaction_state"
"""Topics of the broker itself: every commit is a record of the first one, every transaction has some in the second."""
_TIMEOUT = timedelta(seconds=5)


def topic_problems(settings: KafkaSettings, names: Iterable[str]) -> list[str]:
    """Return why the topics cannot take records, a phrase for each problem; nothing if no broker answers quickly."""
    quick = settings.model_copy(update={"connect_timeout": min(_TIMEOUT, settings.connect_timeout)})
    with suppress(BrokerError), admin_client(quick) as admin:
        described = admin.describe_topics(sorted(set(names)))
        return [problem for topic in described for problem in problems(topic)]
    return []


def problems(topic: TopicDescription) -> Iterator[str]:
    """Return why one topic cannot take records."""
    name = topic["name"]
    if name in {OFFSETS, TRANSACTIONS} and not topic["partitions"]:
        return  # few users may describe it, and it is created when it is first used
    if is_hidden(topic):
        yield f"topic {name} must not be described by this user any more"
    elif not topic["partitions"]:
        yield f"topic {name} does not exist any more"
    for partition in topic["partitions"]:
        if partition["leader_id"] < 0:
            yield f"{name}-{partition['partition_index']} has no leader"
    yield from _missing_replicas(topic)


def _missing_replicas(topic: TopicDescription) -> Iterator[str]:
    """Describe the partition with the fewest replicas in sync; whether they are enough only its settings say."""
    counts = [(len(p["isr_nodes"]), len(p["replica_nodes"])) for p in topic["partitions"]]
    in_sync, replicas = min(counts, default=(0, 0))
    if in_sync < replicas:
        yield (
            f"topic {topic['name']} has {in_sync} of {replicas} replicas in sync, and takes no record while that is "
            "less than its min.insync.replicas: are all brokers running?"
        )

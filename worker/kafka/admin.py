"""Topics: whether they are there, and making them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from worker.errors import BrokerError
from worker.kafka.config import client_config, connecting
from worker.settings import KafkaSettings

_HURRY = timedelta(seconds=5)  # a cause is looked for, not waited for


@contextmanager
def administering(settings: KafkaSettings) -> Iterator[KafkaAdminClient]:
    """Connect a client for administration for the length of a `with`.

    Raises:
        BrokerError: no broker answers, or it refuses what is asked in the `with`.

    """
    with connecting(settings):
        admin = KafkaAdminClient(**client_config(settings))
    try:
        yield admin
    except KafkaError as error:
        raise BrokerError(f"the broker at {settings.bootstrap_servers} refuses: {type(error).__name__}") from error
    finally:
        admin.close()


def require_topics(settings: KafkaSettings, names: Sequence[str]) -> None:
    """Check that the topics exist.

    Raises:
        BrokerError: one does not, or no broker answers.

    """
    if missing := missing_topics(settings, names):
        raise BrokerError(
            f"no such topic on {settings.bootstrap_servers}: {', '.join(missing)}; create what is missing with "
            f"'python -m worker topics --bootstrap-servers {settings.bootstrap_servers}' or Kafka's own tools"
        )


def missing_topics(settings: KafkaSettings, names: Sequence[str]) -> list[str]:
    """Return those of the topics that do not exist; raises `BrokerError` where no broker answers."""
    with administering(settings) as admin:
        return _missing(admin, names)


def ailing_topics(settings: KafkaSettings, names: Iterable[str]) -> list[str]:
    """Return what keeps the topics from taking records, a phrase each; nothing where no broker tells."""
    hurried = settings.model_copy(update={"connect_timeout": min(_HURRY, settings.connect_timeout)})
    with suppress(BrokerError), administering(hurried) as admin:
        described = admin.describe_topics(sorted(set(names)))
        return [phrase for topic in described for phrase in _ailments(topic)]
    return []


def _ailments(topic: Mapping[str, Any]) -> Iterator[str]:
    if not topic["partitions"]:
        yield f"there is no topic {topic['name']} any more"
    for partition in topic["partitions"]:
        if partition["leader_id"] < 0:
            yield f"{topic['name']}-{partition['partition_index']} has no leader"


def replicas_of(settings: KafkaSettings, name: str) -> int:
    """Return how many copies a topic that exists has; raises `BrokerError` where no broker answers."""
    with administering(settings) as admin:
        [topic] = admin.describe_topics([name])
    return len(topic["partitions"][0]["replica_nodes"])


def create_topics(
    settings: KafkaSettings,
    names: Sequence[str],
    partitions: int,
    replicas: int,
    config: Mapping[str, str] | None = None,
) -> list[str]:
    """Create those of the topics that do not exist, with a configuration of their own; return their names.

    Raises:
        BrokerError: the broker refuses, or none answers.

    """
    with administering(settings) as admin:
        missing = _missing(admin, names)
        if missing:
            for name in missing:
                _create(admin, NewTopic(name, partitions, replicas, topic_configs=dict(config or {})))
            admin.wait_for_topics(missing)
    return missing


def live_brokers(servers: str) -> int:
    """Return how many brokers a cluster without TLS or SASL has now; 0 while it does not answer."""
    with (
        suppress(BrokerError),
        administering(KafkaSettings(bootstrap_servers=servers, connect_timeout="2s")) as admin,
    ):
        return len(admin.describe_cluster()["brokers"])
    return 0


def _create(admin: KafkaAdminClient, topic: NewTopic) -> None:
    """Create one topic; that another deployment was faster is as good."""
    with suppress(TopicAlreadyExistsError):
        admin.create_topics([topic])


def _missing(admin: KafkaAdminClient, names: Sequence[str]) -> list[str]:
    """Return the topics without a partition: an unknown topic is described with an error code and none."""
    wanted = list(dict.fromkeys(names))
    described = {topic["name"]: topic["partitions"] for topic in admin.describe_topics(wanted)}
    return [name for name in wanted if not described.get(name)]

"""Topics: check, describe and create them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError, TopicAuthorizationFailedError

from worker.errors import BrokerError
from worker.kafka.config import client_config, connecting
from worker.kafka.diagnosis.reachability import unreachable
from worker.kafka.diagnosis.refusals import describe, is_explained, missing_right
from worker.settings import KafkaSettings

TopicDescription = Mapping[str, Any]
"""A topic as kafka-python describes it, with its `name` and `partitions`."""


@contextmanager
def admin_client(settings: KafkaSettings) -> Iterator[KafkaAdminClient]:
    """Connect a client for administration; close it at the end.

    Raises:
        BrokerError: no broker answers, or it refuses a request made in the `with` block.

    """
    with connecting(settings):
        admin = KafkaAdminClient(**client_config(settings))
    try:
        yield admin
    except KafkaError as error:
        raise BrokerError(_failure(settings, admin, error)) from error
    finally:
        admin.close()


def _failure(settings: KafkaSettings, admin: KafkaAdminClient, error: KafkaError) -> str:
    if is_explained(error):
        return describe(error, settings)
    if error.retriable and (lost := unreachable(admin)):
        return (
            f"the broker at {settings.bootstrap_servers} answers, but brokers cannot be reached under the addresses "
            f"that they advertise: {', '.join(lost)}; correct their advertised.listeners, or this machine's DNS"
        )
    return f"the broker at {settings.bootstrap_servers} refused a request: {error or type(error).__name__}"


def missing_topics(settings: KafkaSettings, names: Sequence[str]) -> list[str]:
    """Return the topics that do not exist; raise `BrokerError` if no broker answers."""
    with admin_client(settings) as admin:
        return _missing(settings, admin, names)


def replication_factor(settings: KafkaSettings, name: str) -> int:
    """Return the replication factor of an existing topic; raise `BrokerError` if no broker answers."""
    with admin_client(settings) as admin:
        [topic] = admin.describe_topics([name])
    return len(topic["partitions"][0]["replica_nodes"])


def create_topics(
    settings: KafkaSettings,
    names: Sequence[str],
    partitions: int,
    replicas: int,
    config: Mapping[str, str] | None = None,
) -> list[str]:
    """Create the missing topics; return their names.

    Args:
        settings: of the connection.
        names: of the topics.
        partitions: of each new topic.
        replicas: replication factor of each new topic.
        config: topic settings that differ from the broker's defaults.

    Raises:
        BrokerError: the broker refuses, or none answers.

    """
    with admin_client(settings) as admin:
        missing = _missing(settings, admin, names)
        if missing:
            for name in missing:
                _create(settings, admin, NewTopic(name, partitions, replicas, topic_configs=dict(config or {})))
            admin.wait_for_topics(missing)
    return missing


def live_brokers(servers: str) -> int:
    """Return the number of running brokers of a cluster without TLS and SASL; 0 if none answers."""
    with (
        suppress(BrokerError),
        admin_client(KafkaSettings(bootstrap_servers=servers, connect_timeout="2s")) as admin,
    ):
        return len(admin.describe_cluster()["brokers"])
    return 0


def _create(settings: KafkaSettings, admin: KafkaAdminClient, topic: NewTopic) -> None:
    """Create one topic, unless another process has just done so."""
    try:
        admin.create_topics([topic])
    except TopicAlreadyExistsError:
        return
    except TopicAuthorizationFailedError as error:
        right = missing_right(settings, f"topic {topic.name}", "Create", f"--topic {topic.name}")
        raise BrokerError(right) from error


def _missing(settings: KafkaSettings, admin: KafkaAdminClient, names: Sequence[str]) -> list[str]:
    """Return the topics that do not exist.

    Raises:
        BrokerError: the user has no right to know.

    """
    wanted = list(dict.fromkeys(names))
    described = {topic["name"]: topic for topic in admin.describe_topics(wanted)}
    for name, topic in described.items():
        if is_hidden(topic):
            raise BrokerError(missing_right(settings, f"topic {name}", "Describe", f"--topic {name}"))
    return [name for name in wanted if name not in described or not described[name]["partitions"]]


def is_hidden(topic: TopicDescription) -> bool:
    """Return whether the user has no right to know whether the topic exists."""
    return bool(topic["error_code"] == TopicAuthorizationFailedError.errno)

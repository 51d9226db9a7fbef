"""Checks before a command begins: the topics exist, and the user may read and write them."""

from collections.abc import Iterator, Sequence

from worker.errors import BrokerError
from worker.kafka.admin import TopicDescription, admin_client, is_hidden
from worker.kafka.diagnosis.refusals import missing_right
from worker.settings import KafkaSettings


def require_topics(settings: KafkaSettings, reads: Sequence[str], writes: Sequence[str] = ()) -> None:
    """Check that the topics exist and that the user has the rights to use them.

    Args:
        settings: of the connection.
        reads: topics to read.
        writes: topics to write to.

    Raises:
        BrokerError: a topic or a right is missing, or no broker answers.

    """
    names = list(dict.fromkeys([*reads, *writes]))
    with admin_client(settings) as admin:
        described = {topic["name"]: topic for topic in admin.describe_topics(names)}
    operations = [(name, "Read") for name in reads] + [(name, "Write") for name in writes]
    if refused := list(_refused(settings, operations, described)):
        raise BrokerError("; ".join(refused))
    if missing := [name for name in names if name not in described or not described[name]["partitions"]]:
        raise BrokerError(
            f"no such topic on {settings.bootstrap_servers}: {', '.join(missing)}; create missing topics with "
            f"'python -m worker topics --bootstrap-servers {settings.bootstrap_servers}' or with Kafka's own tools"
        )


def _refused(
    settings: KafkaSettings, operations: Sequence[tuple[str, str]], described: dict[str, TopicDescription]
) -> Iterator[str]:
    for name, operation in operations:
        if name in described and not _may(described[name], operation):
            yield missing_right(settings, f"topic {name}", operation, f"--topic {name}")


def _may(topic: TopicDescription, operation: str) -> bool:
    """Return whether the user has the right; a broker that lists no rights decides later."""
    if is_hidden(topic):
        return False
    rights = topic.get("authorized_operations")
    return not rights or operation.upper() in rights

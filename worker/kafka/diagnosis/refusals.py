"""What a broker's refusal means: the setting to change, or the right to grant.

One place for all clients. A worker without a right, or with a setting that the broker does not allow, ends before it
has joined its group, with exit code 2; a right that is taken away later ends it with 1.
"""

from collections.abc import Callable, Mapping

from kafka.errors import (
    ClusterAuthorizationFailedError,
    FencedInstanceIdError,
    GroupAuthorizationFailedError,
    GroupMaxSizeReachedError,
    IncompatibleBrokerVersion,
    InconsistentGroupProtocolError,
    InvalidReplicationFactorError,
    InvalidSessionTimeoutError,
    InvalidTransactionTimeoutError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailedError,
)

from worker.kafka.patches.transactions import is_caused_by
from worker.kafka.security import describe_login
from worker.settings import KafkaSettings, WorkerSettings

Meaning = Callable[[KafkaSettings], str]


def describe(error: BaseException, settings: KafkaSettings) -> str:
    """Return what an error means in terms of settings and rights, or the error's own text."""
    meanings = (meaning for kind, meaning in _MEANINGS.items() if is_caused_by(error, (kind,)))
    if found := next(meanings, None):
        return found(settings)
    advice = next((text for phrase, text in _ADVICE.items() if phrase in f"{error}"), "")
    return f"{error}{advice}"


def is_explained(error: BaseException) -> bool:
    """Return whether `describe` knows what the user can do about the error."""
    return is_caused_by(error, tuple(_MEANINGS))


def missing_right(settings: KafkaSettings, resource: str, operation: str, flags: str) -> str:
    """Return a sentence about a right that is missing, and the command that grants it.

    Args:
        settings: of the login.
        resource: such as `topic tweets`.
        operation: such as Read.
        flags: name the resource to kafka-acls.sh, such as `--topic tweets`.

    """
    who, principal = _login(settings)
    return (
        f"{who} has no right to {operation} {resource}; grant it: kafka-acls.sh --bootstrap-server "
        f"{settings.bootstrap_servers} --add --allow-principal {principal} --operation {operation} {flags}"
    )


def _login(settings: KafkaSettings) -> tuple[str, str]:
    """Return who logs in, and the principal of the broker's ACLs as far as a client knows it."""
    if settings.sasl_plain_username:
        return f"user {settings.sasl_plain_username}", f"User:{settings.sasl_plain_username}"
    if settings.sasl_mechanism:
        return describe_login(settings), "User:..."
    if settings.ssl_certfile:
        return f"the owner of certificate {settings.ssl_certfile}", "User:..."
    return "user ANONYMOUS", "User:ANONYMOUS"


def _topic(settings: KafkaSettings) -> str:
    return (
        f"{_login(settings)[0]} has lost or lacks a right to one of the topics; the worker needs Read on "
        f"{settings.input_topic}, and Write on {settings.output_topic} and {settings.dead_letter_topic}"
    )


def _group(settings: KafkaSettings) -> str:
    name = _group_id(settings)
    return missing_right(settings, f"group {name}", "Read", f"--group {name}")


def _transactional_id(settings: KafkaSettings) -> str:
    if isinstance(settings, WorkerSettings):
        name, about, pattern = f"{settings.group_id}-", "transactional ids that begin with", "prefixed"
    else:
        name, about, pattern = f"replay-{settings.dead_letter_topic}", "transactional id", "literal"
    flags = f"--transactional-id {name} --resource-pattern-type {pattern}"
    return missing_right(settings, f"{about} {name}", "Write", flags)


def _session(settings: KafkaSettings) -> str:
    return (
        f"--session-timeout {_seconds(settings, 'session_timeout')} is not between the broker's "
        "group.min.session.timeout.ms (6 s by default) and group.max.session.timeout.ms (30 min)"
    )


def _transaction(settings: KafkaSettings) -> str:
    return (
        f"--transaction-timeout {_seconds(settings, 'transaction_timeout')} is longer than the broker's "
        "transaction.max.timeout.ms (15 min by default)"
    )


def _assignor(settings: KafkaSettings) -> str:
    return (
        f"group {_group_id(settings)} has members that are not workers: they assign partitions by another strategy "
        "than cooperative-sticky, or read nothing; stop them, or choose another --group-id"
    )


def _seconds(settings: KafkaSettings, name: str) -> str:
    duration = getattr(settings, name, None)
    return f"({duration.total_seconds():g} s)" if duration else ""


def _group_id(settings: KafkaSettings) -> str:
    return settings.group_id if isinstance(settings, WorkerSettings) else ""


_MEANINGS: Mapping[type[KafkaError], Meaning] = {
    TopicAuthorizationFailedError: _topic,
    GroupAuthorizationFailedError: _group,
    TransactionalIdAuthorizationFailedError: _transactional_id,
    ClusterAuthorizationFailedError: lambda s: missing_right(s, "topics in the cluster", "Create", "--cluster"),
    InvalidSessionTimeoutError: _session,
    InvalidTransactionTimeoutError: _transaction,
    InconsistentGroupProtocolError: _assignor,
    GroupMaxSizeReachedError: lambda s: (
        f"group {_group_id(s)} has as many members as the broker's group.max.size allows; "
        "stop one, or choose another --group-id"
    ),
    FencedInstanceIdError: lambda s: (
        "another worker has joined the group with --group-instance-id "
        f"{getattr(s, 'group_instance_id', None)}, so this one ends; each worker needs a name of its own "
        "(CASCADE_GROUP_INSTANCE_ID)"
    ),
    IncompatibleBrokerVersion: lambda s: (
        f"{s.bootstrap_servers} is the port of a controller, or of a broker older than Kafka 2.5; "
        "--bootstrap-servers takes the brokers' addresses"
    ),
    InvalidReplicationFactorError: lambda _: "--replicas asks for more copies than there are brokers",
}

_ADVICE: Mapping[str, str] = {
    "out of range. The timestamp should be": (
        " (milliseconds since 1970). A record has this machine's time: correct its clock, or the broker's. A topic "
        "accepts a clock that is ahead by its message.timestamp.after.max.ms (1 hour by default), or behind by its "
        "message.timestamp.before.max.ms, and any clock with message.timestamp.type=LogAppendTime (kafka-configs.sh "
        "--alter --topic ... --add-config ...)"
    ),
    "cannot accept message without key": (
        "; give each tweet a key, or set cleanup.policy=delete for the topic (kafka-configs.sh --alter --topic ...)"
    ),
}
"""By what the broker says about a record that it refuses, what the user can do; the broker's text names the topic or
the times."""

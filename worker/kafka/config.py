"""Configuration of kafka-python's clients, and the errors of a failed connection."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import IncompatibleBrokerVersion, KafkaConfigurationError, KafkaError, KafkaTimeoutError

from worker.errors import BrokerError, SettingError
from worker.kafka.diagnosis.refusals import describe
from worker.kafka.patches.client import REFUSALS, new_client
from worker.kafka.patches.tls_handshake import require_tls
from worker.kafka.security import describe_login, require_login, sasl_config, tls_context
from worker.settings import KafkaSettings, WorkerSettings, milliseconds

RECONNECT_MS = 1_000
"""The longest pause between two attempts to reach a broker: Kafka's default; kafka-python's can outlast a session."""
_METADATA_MS = 30_000  # Kafka's five minutes would leave new partitions unread for as long


def client_config(settings: KafkaSettings) -> dict[str, Any]:
    """Return the keyword arguments that every kafka-python client gets.

    Raises:
        SettingError: a certificate or a key cannot be used.

    """
    return {
        "bootstrap_servers": settings.bootstrap_servers.split(","),
        "client_id": settings.client_id or f"{_owner(settings)}-{socket.gethostname()}",
        "bootstrap_timeout_ms": milliseconds(settings.connect_timeout),
        "kafka_client": new_client,
        "security_protocol": settings.security_protocol,
        "ssl_context": tls_context(settings),
        **sasl_config(settings),
    }


def _owner(settings: KafkaSettings) -> str:
    return settings.group_id if isinstance(settings, WorkerSettings) else "tweet-cascade-tools"


def consumer_config(settings: WorkerSettings) -> dict[str, Any]:
    """Return the keyword arguments of a consumer that is a member of the worker's group."""
    session_ms = milliseconds(settings.session_timeout)
    return {
        "reconnect_backoff_max_ms": RECONNECT_MS,
        "group_id": settings.group_id,
        "group_instance_id": settings.group_instance_id,
        "auto_offset_reset": "none",  # worker.kafka.offsets.positions chooses
        "enable_auto_commit": False,
        "isolation_level": "read_committed",
        "allow_auto_create_topics": False,
        "session_timeout_ms": session_ms,
        # Kafka's default, or a third of the session as Kafka recommends: each rebalance waits for a heartbeat.
        "heartbeat_interval_ms": min(3_000, session_ms // 3),
        "max_poll_interval_ms": milliseconds(settings.max_poll_interval),
        "max_poll_records": settings.batch_size,
        # A member that joins or leaves interrupts only the partitions that move.
        "partition_assignment_strategy": [CooperativeStickyAssignor],
        "metadata_max_age_ms": _METADATA_MS,
    }


@contextmanager
def connecting(settings: KafkaSettings) -> Iterator[None]:
    """Report a failed connection in one line.

    Raises:
        BrokerError: no broker or no token endpoint answered in time, or the broker refused the connection.
        SettingError: kafka-python rejects the settings, or the token endpoint refuses the client.

    """
    try:
        with _silenced_log():
            if context := tls_context(settings):
                require_tls(settings, context)
            require_login(settings, settings.connect_timeout.total_seconds())
            yield
    except KafkaTimeoutError as error:
        raise BrokerError(_no_answer(settings, error.__cause__)) from error
    except IncompatibleBrokerVersion as error:
        raise BrokerError(describe(error, settings)) from error
    except REFUSALS as error:
        raise BrokerError(
            f"the broker at {settings.bootstrap_servers} rejected the login of {describe_login(settings)} "
            f"({settings.security_protocol}, {settings.sasl_mechanism}): {error}"
        ) from error
    except KafkaConfigurationError as error:
        raise SettingError(f"kafka-python rejects the settings: {error}") from error
    except (KafkaError, OSError, ValueError) as error:
        meaning = describe(error, settings)
        raise BrokerError(f"cannot use the broker at {settings.bootstrap_servers}: {meaning}") from error


@contextmanager
def _silenced_log() -> Iterator[None]:
    """Suppress kafka-python's log of every attempt, unless debugging."""
    logger = logging.getLogger("kafka")
    level = logger.level
    logger.setLevel(max(level, logging.CRITICAL) if logger.getEffectiveLevel() > logging.DEBUG else level)
    try:
        yield
    finally:
        logger.setLevel(level)


def _no_answer(settings: KafkaSettings, last: BaseException | None) -> str:
    attempt = f"; the last attempt: {last}" if last else ""
    # A broker may close the connection before kafka-python has read the reason.
    login = f", does it accept the login of {describe_login(settings)}" if settings.sasl_mechanism else ""
    return (
        f"no Kafka broker answers at {settings.bootstrap_servers} "
        f"within {settings.connect_timeout.total_seconds():g} s "
        f"({settings.security_protocol}{attempt}); is it running, is --bootstrap-servers (CASCADE_BOOTSTRAP_SERVERS) "
        f"its address{login}, and does --security-protocol match its listener?"
    )

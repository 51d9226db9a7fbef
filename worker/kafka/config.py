"""What all clients have in common: how they connect, and how they say that they cannot."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka.errors import KafkaConfigurationError, KafkaError, KafkaTimeoutError
from pydantic import SecretStr

from worker.errors import BrokerError, SettingError
from worker.kafka.patches.client import REFUSALS, telling_client
from worker.kafka.tls import require_tls, tls_context
from worker.settings import KafkaSettings, milliseconds

_PASSED_ON = ("security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")


def client_config(settings: KafkaSettings) -> dict[str, Any]:
    """Return the keyword arguments that every kafka-python client gets.

    Raises:
        SettingError: a certificate or a key cannot be used.

    """
    security = {name: _plain(getattr(settings, name)) for name in _PASSED_ON}
    return {
        "bootstrap_servers": [server.strip() for server in settings.bootstrap_servers.split(",")],
        "bootstrap_timeout_ms": milliseconds(settings.connect_timeout),
        "kafka_client": telling_client,
        "ssl_context": tls_context(settings),
        **{name: value for name, value in security.items() if value is not None},
    }


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value if value is None else str(value)


@contextmanager
def connecting(settings: KafkaSettings) -> Iterator[None]:
    """Turn a failed connection into one line; kafka-python's own log of every try is kept back meanwhile.

    Raises:
        BrokerError: no broker answered in time, or it refused.
        SettingError: kafka-python cannot make sense of the settings.

    """
    logger = logging.getLogger("kafka")
    level = logger.level
    logger.setLevel(max(level, logging.CRITICAL) if logger.getEffectiveLevel() > logging.DEBUG else level)
    try:
        if context := tls_context(settings):
            require_tls(settings, context)
        yield
    except KafkaTimeoutError as error:
        raise BrokerError(_no_answer(settings, error.__cause__)) from error
    except REFUSALS as error:
        raise BrokerError(
            f"the broker at {settings.bootstrap_servers} does not let the user {settings.sasl_plain_username} in "
            f"({settings.security_protocol}, {settings.sasl_mechanism}): {error}"
        ) from error
    except KafkaConfigurationError as error:
        raise SettingError(f"kafka-python does not accept the settings: {error}") from error
    except (KafkaError, OSError, ValueError) as error:
        raise BrokerError(f"cannot use the broker at {settings.bootstrap_servers}: {error}") from error
    finally:
        logger.setLevel(level)


def _no_answer(settings: KafkaSettings, last: BaseException | None) -> str:
    tried = f"; the last try: {last}" if last else ""
    # A broker may close the connection before kafka-python has read why.
    login = ", are user name and password right" if settings.security_protocol.startswith("SASL_") else ""
    return (
        f"no Kafka broker answers at {settings.bootstrap_servers} "
        f"within {settings.connect_timeout.total_seconds():g} s "
        f"({settings.security_protocol}{tried}); is it running, is --bootstrap-servers (CASCADE_BOOTSTRAP_SERVERS) "
        f"its address{login}, and is --security-protocol what it asks for?"
    )

"""What all clients have in common: how they connect, and how they say that they cannot."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka.errors import KafkaConfigurationError, KafkaError, KafkaTimeoutError
from pydantic import SecretStr

from worker.connectors.tls import require_tls
from worker.errors import BrokerError, SettingError
from worker.settings import KafkaSettings

_PASSED_ON = (
    "security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password",
    "ssl_cafile", "ssl_certfile", "ssl_keyfile", "ssl_password", "ssl_check_hostname",
)  # fmt: skip


def client_config(settings: KafkaSettings) -> dict[str, Any]:
    """Return the keyword arguments that every kafka-python client gets."""
    security = {name: _plain(getattr(settings, name)) for name in _PASSED_ON}
    return {
        "bootstrap_servers": [server.strip() for server in settings.bootstrap_servers.split(",")],
        "bootstrap_timeout_ms": settings.connect_timeout_ms,
        **{name: value for name, value in security.items() if value is not None},
    }


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value if value is None or isinstance(value, bool) else str(value)


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
        require_tls(settings)
        yield
    except KafkaTimeoutError as error:
        raise BrokerError(
            f"no Kafka broker answers at {settings.bootstrap_servers} within "
            f"{settings.connect_timeout_ms / 1000:g} s ({settings.security_protocol}); is it running, and is "
            "--bootstrap-servers (CASCADE_BOOTSTRAP_SERVERS) its address?"
        ) from error
    except KafkaConfigurationError as error:
        raise SettingError(f"kafka-python does not accept the settings: {error}") from error
    except (KafkaError, OSError, ValueError) as error:
        raise BrokerError(f"cannot use the broker at {settings.bootstrap_servers}: {error}") from error
    finally:
        logger.setLevel(level)

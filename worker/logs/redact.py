"""Secrets stay out of the log: at debug kafka-python writes its whole configuration, passwords included."""

import logging
from collections.abc import Sequence


class Masking(logging.Filter):
    """Puts stars in the place of secrets; attach it to a handler, so that records of all loggers pass it.

    Args:
        secrets: texts that must not be seen.

    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record's message; let every record pass."""
        message = record.getMessage()
        for secret in self._secrets:
            if secret in message:
                message = message.replace(secret, "***")
                record.msg, record.args = message, None
        return True

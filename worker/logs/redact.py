"""Redaction of secrets: at level debug kafka-python logs its whole configuration, passwords included."""

import logging
from collections.abc import Sequence


class RedactionFilter(logging.Filter):
    """Replaces secrets by stars. Attach it to a handler: there it sees the records of all loggers.

    Args:
        secrets: texts to redact.

    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record's message; return True, so that every record passes."""
        message = record.getMessage()
        for secret in self._secrets:
            if secret in message:
                message = message.replace(secret, "***")
                record.msg, record.args = message, None
        return True

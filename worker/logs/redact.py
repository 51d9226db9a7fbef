"""Redaction of secrets: at level debug kafka-python logs its whole configuration, passwords included."""

import logging
import re
from collections.abc import Sequence

_TOKEN = re.compile(r"\b(Bearer|Basic) [\w.~+/=-]{2,}")
"""A login as HTTP and SASL send it."""


class RedactionFilter(logging.Filter):
    """Replaces secrets, and the tokens of any login, by stars.

    Attach it to a handler: there it sees the records of all loggers.

    Args:
        secrets: texts to redact.

    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record's message; return True, so that every record passes."""
        message = shown = record.getMessage()
        for secret in self._secrets:
            shown = shown.replace(secret, "***")
        shown = _TOKEN.sub(r"\1 ***", shown)
        if shown != message:
            record.msg, record.args = shown, None
        return True

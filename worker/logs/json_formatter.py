"""Log records as JSON, a line each, for what collects the logs of containers."""

import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType

from worker.cli.sanitize import visible

_log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """One object a record: time (RFC 3339, UTC), level, logger, message, and the exception where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, whatever its message holds."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": visible(record.getMessage()),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)


def log_as_json() -> None:
    """Have all that is logged from here on written so, and what Python itself says of an unexpected end."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonFormatter())
    sys.excepthook = _log_unexpected


def logs_as_json() -> bool:
    """Tell whether all that is logged is written so."""
    return sys.excepthook is _log_unexpected


def _log_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("unexpected end", exc_info=(kind, error, trace))

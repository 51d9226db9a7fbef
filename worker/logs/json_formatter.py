"""JSON formatter: one object per line, for log collectors."""

import logging
import time

from pythonjsonlogger.core import LogData
from pythonjsonlogger.json import JsonFormatter as PythonJsonFormatter

from worker.cli.sanitize import sanitize
from worker.logs.redact import Redact

_NAMES = {"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "exception"}


class JsonFormatter(PythonJsonFormatter):
    """Formats a record as time (RFC 3339, UTC, milliseconds), level, logger, message and, if any, exception.

    Args:
        redact: redacts each line, which is JSON.

    """

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03d+00:00"
    converter = staticmethod(time.gmtime)

    def __init__(self, redact: Redact = str) -> None:
        self._redact = redact
        fields = ["asctime", "levelname", "name", "message"]
        super().__init__(fields, rename_fields=_NAMES, json_ensure_ascii=False)

    def process_log_record(self, log_data: LogData) -> LogData:
        """Return the fields with the level in lower case and the message sanitized, on one line."""
        return log_data | {"level": log_data["level"].lower(), "message": sanitize(log_data["message"])}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        return self._redact(super().format(record))

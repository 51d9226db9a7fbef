"""Set-up of the worker's logging."""

import logging
import sys
from collections.abc import Sequence
from types import TracebackType

from worker.logs.json_formatter import JsonFormatter
from worker.logs.redact import RedactionFilter
from worker.logs.throttle import ThrottleFilter

_log = logging.getLogger(__name__)
_LIBRARIES = ("kafka", "botocore")
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure_logging(level: str, form: str, secrets: Sequence[str] = ()) -> None:
    """Log to stderr with secrets redacted.

    Below level debug, the libraries' logs are limited to warnings, and kafka-python's to one of a kind per minute.

    Args:
        level: debug, info, warning or error.
        form: `text`, or `json` for one object per line, also for the traceback of an unexpected exception.
        secrets: texts to redact.

    """
    handler = logging.StreamHandler()
    if level != "debug":
        throttle = ThrottleFilter()
        handler.addFilter(lambda record: not record.name.startswith("kafka.") or throttle.filter(record))
    handler.addFilter(RedactionFilter(secrets))
    handler.setFormatter(JsonFormatter() if form == "json" else logging.Formatter(_TEXT))
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    logging.basicConfig(level=level.upper(), handlers=[handler])
    if form == "json":
        sys.excepthook = _log_unexpected


def logs_json() -> bool:
    """Return whether the process logs JSON."""
    return sys.excepthook is _log_unexpected


def _log_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("unexpected exception", exc_info=(kind, error, trace))

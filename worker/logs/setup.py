"""Set-up of the worker's logging."""

import logging
import sys
import threading
from collections.abc import Sequence
from types import TracebackType

from worker.logs.json_formatter import JsonFormatter
from worker.logs.redact import Redact, redactor
from worker.logs.throttle import ThrottleFilter

_log = logging.getLogger(__name__)
_LIBRARIES = ("kafka", "botocore")
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class TextFormatter(logging.Formatter):
    """Formats a record as a line and, if any, the traceback.

    Args:
        redact: redacts both.

    """

    def __init__(self, redact: Redact = str) -> None:
        super().__init__(_TEXT)
        self.redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return self.redact(super().format(record))


def configure_logging(level: str, form: str, secrets: Sequence[str] = ()) -> None:
    """Log to stderr with secrets redacted; so are warnings, and exceptions that nothing catches in any thread.

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
    json = form == "json"
    redact = redactor(secrets, in_json=json)
    handler.setFormatter(JsonFormatter(redact) if json else TextFormatter(redact))
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    logging.basicConfig(level=level.upper(), handlers=[handler])
    _log_what_python_prints()


def _log_what_python_prints() -> None:
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_unexpected
    threading.excepthook = _log_unexpected_in_thread
    sys.unraisablehook = _log_unraisable


def logs_json() -> bool:
    """Return whether the process logs JSON."""
    return isinstance(_formatter(), JsonFormatter)


def redacted(text: str) -> str:
    """Return a text for stderr without the secrets that the log redacts."""
    formatter = _formatter()
    return formatter.redact(text) if isinstance(formatter, TextFormatter) else text


def _formatter() -> logging.Formatter | None:
    found = (handler.formatter for handler in logging.getLogger().handlers)
    return next((one for one in found if isinstance(one, (JsonFormatter, TextFormatter))), None)


def _log_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("unexpected exception", exc_info=(kind, error, trace))


def _log_unexpected_in_thread(caught: threading.ExceptHookArgs) -> None:
    if caught.exc_value is None or isinstance(caught.exc_value, SystemExit):
        return
    name = caught.thread.name if caught.thread else "unknown"
    _log.critical(
        "unexpected exception in thread %s", name, exc_info=(caught.exc_type, caught.exc_value, caught.exc_traceback)
    )


def _log_unraisable(caught: "sys.UnraisableHookArgs") -> None:
    _log.error("exception ignored in %r: %r", caught.object, caught.exc_value)

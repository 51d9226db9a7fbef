"""The JSON formatter."""

import json
import logging
from datetime import UTC, datetime

from worker.logs.json_formatter import JsonFormatter


def formatted(message: str, *arguments: object, error: BaseException | None = None) -> dict[str, str]:
    """Return the fields of a formatted record."""
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("worker.stream", logging.WARNING, "processor.py", 1, message, arguments, exc_info)
    record.created, record.msecs = 1_767_312_245.0675, 67.5
    text = JsonFormatter().format(record)
    assert "\n" not in text
    found: dict[str, str] = json.loads(text)
    return found


def test_a_record_is_one_line() -> None:
    """Log collectors read one record per line: line breaks and terminal codes are escaped, other characters kept."""
    assert formatted("%s and \x1b[31mred\nノ", "x") == {
        "time": "2026-01-02T00:04:05.067+00:00", "level": "warning", "logger": "worker.stream",
        "message": "x and \\x1b[31mred ノ",
    }  # fmt: skip


def test_the_time_is_rfc_3339() -> None:
    """Log collectors parse the time: UTC with its offset, in milliseconds."""
    found = datetime.fromisoformat(formatted("x")["time"])
    assert (found.tzinfo, found.microsecond) == (UTC, 67_000)


def test_an_exception_is_part_of_its_record() -> None:
    """The traceback stays with its message."""
    try:
        raise ValueError("why")
    except ValueError as error:
        found = formatted("unexpected", error=error)
    assert found["exception"].splitlines()[-1] == "ValueError: why"
    assert "test_json_formatter.py" in found["exception"]

"""The log as JSON."""

import json
import logging
import subprocess
import sys

import pytest

from deploy.demo.broker import free_port
from worker.logs.json_formatter import JsonFormatter

SECRET = "hunter2-hunter2"


def formatted(message: str, *arguments: object, error: BaseException | None = None) -> dict[str, str]:
    """Return what a record becomes."""
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("worker.stream", logging.WARNING, "processor.py", 1, message, arguments, exc_info)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    found: dict[str, str] = json.loads(text)
    return found


def test_a_record_is_one_line() -> None:
    """A collector takes a line for a record: line breaks, terminal codes and any character stay inside of it."""
    found = formatted("%s and \x1b[31mred\nノ", "x")
    assert found == {
        "time": found["time"], "level": "warning", "logger": "worker.stream", "message": "x and \\x1b[31mred ノ",
    }  # fmt: skip
    assert found["time"].endswith("+00:00")


def test_an_exception_is_part_of_its_record() -> None:
    """The traceback is there to be read, and belongs to its message."""
    try:
        raise ValueError("why")
    except ValueError as error:
        found = formatted("unexpected", error=error)
    assert found["exception"].splitlines()[-1] == "ValueError: why"
    assert "test_json_formatter.py" in found["exception"]


@pytest.mark.parametrize("level", ["info", "debug"])
def test_the_end_of_a_worker_is_a_record_and_tells_no_secret(level: str) -> None:
    """What ends the worker is what is looked for in the logs; passwords are at no level."""
    command = [sys.executable, "-m", "worker", "run", "--log-format", "json", "--log-level", level]
    address = f"127.0.0.1:{free_port()}"
    environment = {
        "CASCADE_BOOTSTRAP_SERVERS": address, "CASCADE_CONNECT_TIMEOUT": "500ms", "CASCADE_METRICS_PORT": "0",
        "CASCADE_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "CASCADE_SASL_MECHANISM": "PLAIN",
        "CASCADE_SASL_PLAIN_USERNAME": "u", "CASCADE_SASL_PLAIN_PASSWORD": SECRET, "CASCADE_SSL_PASSWORD": SECRET,
    }  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 2
    assert lines[-1]["level"] == "error"
    assert lines[-1]["message"].startswith(f"no Kafka broker answers at {address}")
    assert SECRET not in done.stdout + done.stderr
    assert len(lines) == 1 or level == "debug"


def test_an_unexpected_end_is_a_record_too() -> None:
    """A bug's traceback does not fall apart into a record a line."""
    code = "import logging; from worker.cli import app; app.configure_logging('info', 'json'); 1 / 0"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["level"] == "critical"
    assert "ZeroDivisionError" in json.loads(line)["exception"]

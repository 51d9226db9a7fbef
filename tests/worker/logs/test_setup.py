"""Set-up of the worker's logging."""

import json
import logging
import subprocess
import sys

import pytest

from deploy.demo.broker import free_port
from worker.logs.setup import configure_logging

SECRET = "hunter2-hunter2"


def test_only_the_clients_messages_are_throttled(capsys: pytest.CaptureFixture[str]) -> None:
    """All of the worker's own messages are logged, and at level debug all of kafka-python's."""
    root, level = logging.getLogger(), logging.getLogger("kafka").level
    before, root.handlers = root.handlers, []
    try:
        for setting, seen in (("info", 1), ("debug", 3)):
            configure_logging(setting, "text")
            for _ in range(3):
                logging.getLogger("kafka.net").warning("lost")
                logging.getLogger("worker.stream.processor").warning("aborted")
            err = capsys.readouterr().err
            assert (err.count("lost"), err.count("aborted")) == (seen, 3)
            root.handlers = []
    finally:
        root.handlers = before
        logging.getLogger("kafka").setLevel(level)


@pytest.mark.parametrize("level", ["info", "debug"])
def test_the_error_that_ends_a_worker_is_a_record_without_secrets(level: str) -> None:
    """The error that ends the worker is logged as JSON, and passwords are redacted at every level."""
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


def test_an_unexpected_exception_is_a_record_too() -> None:
    """The traceback of a bug is one JSON record, not one per line."""
    code = "from worker.logs.setup import configure_logging; configure_logging('info', 'json'); 1 / 0"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["level"] == "critical"
    assert "ZeroDivisionError" in json.loads(line)["exception"]


_PRINTED = """
import threading, warnings
from worker.logs.setup import configure_logging

def fail(): raise ValueError("hunter2 in a thread")

configure_logging("info", "FORM", ["hunter2"])
warnings.warn("hunter2 is deprecated")
thread = threading.Thread(target=fail, name="io")
thread.start()
thread.join()

class Broken:
    def __del__(self): raise ValueError("hunter2 in a finalizer")

Broken()
raise ValueError("hunter2 at last")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_python_prints_is_logged(form: str) -> None:
    """Warnings of libraries and exceptions in threads are records too, JSON if the log is, without secrets."""
    command = [sys.executable, "-c", _PRINTED.replace("FORM", form)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "hunter2" not in done.stderr
    places = ["*** is deprecated", "*** in a thread", "*** in a finalizer", "*** at last"]
    assert [done.stderr.count(place) for place in places] == [1] * 4
    if form == "json":
        levels = [json.loads(line)["level"] for line in done.stderr.splitlines()]
        assert levels == ["warning", "critical", "error", "critical"]

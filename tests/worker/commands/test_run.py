"""`run`: signals before the main loop runs."""

import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import os, signal, sys
from kafka.net import KafkaConnectionManager
from worker.cli import app
from worker import kafka as connectors
from worker.__main__ import build_parser

async def terminated(self, *_, **__):
    os.kill(os.getpid(), signal.SIGTERM)

connectors.require_topics = lambda *_: None
KafkaConnectionManager._connect = terminated
app.leave(app.main(build_parser(), sys.argv[1:]))
"""


def test_sigterm_while_connecting_ends_the_worker(small_artifact: Path) -> None:
    """The signal must not raise an exception: kafka-python would swallow it in its own task, and wait for ever."""
    command = [sys.executable, "-c", _SCRIPT, "run", "--artifact", str(small_artifact), "--metrics-port", "0"]
    assert subprocess.run(command, timeout=120, check=False).returncode == 0


_HANGUP = """
import os, signal, sys
from worker.cli import app
from worker.__main__ import build_parser
from worker.commands import run

run._serve = lambda _settings: os.kill(os.getpid(), signal.SIGHUP)
app.run(build_parser(), ["run"])
"""


def test_sighup_before_the_artifact_is_loaded_changes_nothing() -> None:
    """Who reloads all workers must not end those that are still starting."""
    assert subprocess.run([sys.executable, "-c", _HANGUP], timeout=120, check=False).returncode == 0

"""A signal that comes before there is a worker."""

import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import os, signal, sys
from kafka.net import KafkaConnectionManager
from worker.cli import app
from worker import kafka as connectors
from worker.__main__ import build_parser

async def told_to_end(self, *_, **__):
    os.kill(os.getpid(), signal.SIGTERM)

connectors.require_topics = lambda *_: None
KafkaConnectionManager._connect = told_to_end
app.leave(app.main(build_parser(), sys.argv[1:]))
"""


def test_sigterm_while_connecting_ends_the_worker(small_artifact: Path) -> None:
    """kafka-python swallows what is raised while it runs a task of its own, and then waits for ever."""
    command = [sys.executable, "-c", _SCRIPT, "run", "--artifact", str(small_artifact), "--metrics-port", "0"]
    assert subprocess.run(command, timeout=120, check=False).returncode == 0

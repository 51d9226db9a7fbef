"""Health checks of a worker process."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.helpers import tweet
from tests.integration.topics import Outputs, produce
from tests.integration.waiting import PATIENCE
from tests.integration.worker_process import WorkerProcess
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker


def health(port: int, *flags: str) -> int:
    """Return the exit code of a container's HEALTHCHECK."""
    command = [sys.executable, "-m", "worker", "health", "--metrics-port", str(port), *flags]
    return subprocess.run(command, check=False, timeout=PATIENCE, capture_output=True).returncode


def test_health_follows_the_life_of_a_worker(
    start: Callable[..., WorkerProcess], topics: KafkaSettings, outputs: Outputs
) -> None:
    """A worker answers while it loads its artifact, is ready when it can label, and `health` has the exit codes."""
    worker = start("--batch-size", "5")
    assert any("loading the artifact" in answer for answer in worker.wait_ready())
    assert (health(worker.port), health(worker.port, "--ready")) == (0, 0)
    produce(topics, [(None, tweet(n)) for n in range(50)])
    outputs.wait_for(50)
    assert worker.get("/livez") == (200, "ok\n")
    assert worker.terminate()[0] == 0
    assert health(worker.port) == 1

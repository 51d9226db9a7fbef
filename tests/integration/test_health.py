"""What an orchestrator sees of a worker process."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers import tweet
from tests.integration.conftest import PATIENCE, Outputs, Running, produce
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker


def health(port: int, *flags: str) -> int:
    """Return the exit code of a container's HEALTHCHECK."""
    command = [sys.executable, "-m", "worker", "health", "--metrics-port", str(port), *flags]
    return subprocess.run(command, check=False, timeout=PATIENCE, capture_output=True).returncode


def test_a_worker_tells_how_it_is(
    start: Callable[..., Running], topics: KafkaSettings, outputs: Outputs, sample_artifact: Path
) -> None:
    """It answers while USE is still loading, is ready when it can label, and says so by exit code."""
    worker = start("--batch-size", "5", artifact=sample_artifact)
    assert any("loading the artifact" in answer for answer in worker.wait_ready())
    assert (health(worker.port), health(worker.port, "--ready")) == (0, 0)
    produce(topics, [(None, tweet(n)) for n in range(50)])
    outputs.wait_for(50)
    assert worker.get("/livez") == (200, "ok\n")
    assert worker.terminate()[0] == 0
    assert health(worker.port) == 1

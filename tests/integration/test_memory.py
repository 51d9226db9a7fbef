"""Memory under a backlog."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.topics import Outputs
from tests.integration.worker_process import WorkerProcess
from worker.kafka import KafkaSink
from worker.settings import KafkaSettings
from worker.types import Message

pytestmark = pytest.mark.broker
_MEGABYTES = 200  # well above what is fetched and in flight at once, some 60


def peak(worker: WorkerProcess) -> float:
    """Return the peak of the worker's resident memory, in megabytes."""
    status = Path(f"/proc/{worker.process.pid}/status")
    if not status.exists():
        pytest.skip("needs /proc")
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(kilobytes) / 1024


def test_memory_does_not_grow_with_the_backlog(start: Callable[..., WorkerProcess], topics: KafkaSettings) -> None:
    """A worker with a long backlog fetches only what it labels next."""
    with closing(KafkaSink(topics)) as sink:
        for n in range(_MEGABYTES):
            sink.publish([Message(topics.input_topic, b"%d" % k, b"{" * 50_000) for k in range(n * 20, n * 20 + 20)])
    # The default batch, of records as large as these, is most of the backlog: a slow machine would poll that at once.
    worker = start("--max-bad-run", "0", "--max-bad-share", "1", "--batch-size", "256")
    worker.wait_ready()
    before = peak(worker)
    with closing(Outputs(topics)) as outputs:
        outputs.wait_for(20 * _MEGABYTES)
    assert peak(worker) - before < 0.5 * _MEGABYTES
    assert worker.terminate()[0] == 0

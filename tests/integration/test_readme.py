"""The Python examples of README.md."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.worker_process import WorkerProcess
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def settings(broker: str) -> KafkaSettings:
    """Return the default topics, on the test's broker."""
    return KafkaSettings(bootstrap_servers=broker)


def test_producing_and_consuming_as_the_readme_says(start: Callable[..., WorkerProcess], topics: KafkaSettings) -> None:
    """The README's producer and consumer run as they stand: a tweet goes in, its label comes out."""
    examples = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    produce, consume = (code.replace("localhost:9092", topics.bootstrap_servers) for code in examples)
    worker = start()
    subprocess.run([sys.executable, "-c", produce], check=True, timeout=60)
    with subprocess.Popen([sys.executable, "-c", consume], stdout=subprocess.PIPE, text=True) as consumer:
        assert consumer.stdout is not None
        line = consumer.stdout.readline()
        consumer.kill()
    assert line.startswith("1212092628029698048 disaster ")
    assert worker.terminate()[0] == 0

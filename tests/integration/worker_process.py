"""A worker as a process."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from deploy.demo.broker import free_port
from tests.integration.waiting import PATIENCE
from tests.scraping import scrape
from worker.settings import KafkaSettings


class WorkerProcess:
    """`python -m worker run` on a test's topics."""

    def __init__(self, settings: KafkaSettings, artifact: Path, *flags: str) -> None:
        self.port = free_port()
        environment = {
            "CASCADE_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
            "CASCADE_INPUT_TOPIC": settings.input_topic,
            "CASCADE_OUTPUT_TOPIC": settings.output_topic,
            "CASCADE_DEAD_LETTER_TOPIC": settings.dead_letter_topic,
            "CASCADE_GROUP_ID": f"group-{settings.input_topic}",
            "CASCADE_ARTIFACT": str(artifact),
            "CASCADE_METRICS_PORT": str(self.port),
            "CASCADE_SESSION_TIMEOUT": "6s",
        }
        command = [sys.executable, "-m", "worker", "run", *flags]
        self.process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True)

    def get(self, path: str) -> tuple[int, str]:
        """Return code and body of an answer of its HTTP server; code 0 while the server is not up."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except urllib.error.URLError:
            return 0, ""

    def wait_ready(self) -> set[str]:
        """Return once the worker is ready; return the answers of `/readyz` until then."""
        deadline, answers = time.monotonic() + PATIENCE, set()
        while (answer := self.get("/readyz"))[0] != 200:
            assert self.process.poll() is None, self.wait()
            assert time.monotonic() < deadline, answer
            answers.add(answer[1])
            time.sleep(0.02)
        return answers

    def metrics(self) -> dict[str, float]:
        """Return the metrics now, by series, without the labels that all series have."""
        return {_series(name, labels): value for name, labels, value in scrape(self.port)}

    def terminate(self) -> tuple[int, str]:
        """Send SIGTERM; return exit code and log."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        """Wait for the end; return exit code and log."""
        _, log = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, log

    def kill(self) -> None:
        """Kill the worker if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def _series(name: str, labels: Mapping[str, str]) -> str:
    """Return a series as Prometheus writes it, without the labels that all series have."""
    own = ",".join(f'{label}="{labels[label]}"' for label in sorted(labels) if label not in {"group", "topic"})
    return f"{name}{{{own}}}" if own else name

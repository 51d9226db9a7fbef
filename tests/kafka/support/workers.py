"""Worker processes that can be killed."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from tests.kafka.support.tweets import Feed, group_of
from tests.kafka.support.waiting import wait_until
from worker.settings import KafkaSettings


class Workers:
    """Worker processes of one group, started as a user starts them; their logs go to files."""

    def __init__(self, settings: KafkaSettings, artifact: Path, folder: Path, delivery: str) -> None:
        self.settings = settings
        self.delivery = delivery
        self.folder = folder
        self.servers = settings.bootstrap_servers
        self.environment: Mapping[str, str] = {}
        self.running: list[subprocess.Popen[bytes]] = []
        self._logs: dict[int, Path] = {}
        self._command = [
            *(sys.executable, "-m", "worker", "run"),
            *("--input-topic", settings.input_topic, "--output-topic", settings.output_topic),
            *("--dead-letter-topic", settings.dead_letter_topic, "--group-id", group_of(settings)),
            *("--artifact", str(artifact), "--metrics-port", "0", "--session-timeout", "6s"),
            *("--delivery", delivery),
        ]

    def start(self, batch_size: int = 100, transaction_ms: int = 3_000) -> subprocess.Popen[bytes]:
        """Start one more worker; if it is killed, readers wait for the time-out of its transaction."""
        path = self.folder / f"worker-{len(self._logs) + 1}.log"
        with path.open("wb") as log:
            own = ["--batch-size", str(batch_size), "--transaction-timeout", f"{transaction_ms}ms"]
            command = [*self._command, "--bootstrap-servers", self.servers, *own]
            environment = {**os.environ, **self.environment}
            self.running.append(subprocess.Popen(command, stdout=log, stderr=log, env=environment))
        self._logs[self.running[-1].pid] = path
        return self.running[-1]

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """Send SIGKILL and wait for the end."""
        worker.kill()
        worker.wait()
        self.running.remove(worker)

    def close(self) -> None:
        """Kill all running workers."""
        for worker in list(self.running):
            self.kill(worker)

    def busy(self) -> list[subprocess.Popen[bytes]]:
        """Return the workers with a lag: they have partitions with records that are not polled, let alone committed."""
        return [worker for worker in self.running if self.metric(worker, "cascade_lag_records") > 0]

    def _address(self, worker: subprocess.Popen[bytes]) -> str:
        """Return the address of the worker's HTTP server; empty before the worker serves."""
        found = re.search(r"http://\S+", self._logs[worker.pid].read_text(errors="replace"))
        return found[0] if found else ""

    def health(self, worker: subprocess.Popen[bytes], check: str) -> tuple[int, str]:
        """Return status and text of /livez or /readyz."""
        try:
            with urlopen(f"{self._address(worker)}/{check}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metric(self, worker: subprocess.Popen[bytes], name: str) -> float:
        """Return the sum of a metric's series; 0 before the worker serves metrics."""
        if not (address := self._address(worker)):
            return 0
        with urlopen(f"{address}/metrics", timeout=10) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        return sum(sample.value for family in families for sample in family.samples if sample.name == name)

    def logs(self) -> str:
        """Return the end of each log, for the message of a failed test."""
        return "\n".join(f"{path.name}: {path.read_text(errors='replace')[-800:]}" for path in self._logs.values())

    def wait_first_commit(self, feed: Feed) -> None:
        """Wait until the group has committed some of the tweets."""
        wait_until(lambda: feed.left() < feed.count, 90, lambda: "nothing is committed yet: " + self.logs())

    def wait_done(self, seconds: float) -> None:
        """Wait until the group has committed all of the input."""
        left = Feed(self.settings).left
        wait_until(lambda: left() == 0, seconds, lambda: f"{left()} records are not committed\n{self.logs()}")

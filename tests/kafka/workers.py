"""Workers that can be killed, and the tweets that keep them busy."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from confluent_kafka import KafkaError, Producer
from prometheus_client.parser import text_string_to_metric_families

from tests.helpers import tweet
from tests.kafka.auditor import audit, uncommitted
from worker.settings import KafkaSettings


def wait_until(condition: Callable[[], bool], seconds: float, what: Callable[[], str]) -> None:
    """Poll a condition until it holds; fail with what the callable says then."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.2)


def group_of(settings: KafkaSettings) -> str:
    """Return the consumer group of the test's workers."""
    return f"group-{settings.input_topic}"


def produce(settings: KafkaSettings, values: Sequence[bytes]) -> None:
    """Send values to the input topic; fail unless all are acknowledged."""
    # Each value to any partition: what librdkafka does else, many in a row to one, would leave the others without work.
    config = {"bootstrap.servers": settings.bootstrap_servers, "enable.idempotence": True}
    producer = Producer({**config, "sticky.partitioning.linger.ms": 0, "queue.buffering.max.messages": 1_000_000})
    errors: list[KafkaError | None] = []
    for value in values:
        producer.produce(settings.input_topic, value, on_delivery=lambda error, _sent: errors.append(error))
        producer.poll(0)
    producer.flush(60)
    assert errors == [None] * len(values)


class Feed:
    """Tweets with the ids 0, 1, 2 and so on; `count` is the next."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings
        self.count = 0

    def add(self, count: int) -> None:
        """Produce as many more."""
        numbers = range(self.count, self.count + count)
        produce(self.settings, [tweet(n, f"flood {n} in the valley") for n in numbers])
        self.count += count

    def keep(self, count: int) -> None:
        """Produce more where less than this is left to do."""
        if self.left() < count:
            self.add(2 * count)

    def left(self) -> int:
        """Return how many are not committed."""
        return uncommitted(self.settings, group_of(self.settings))


class Workers:
    """Worker processes of one group, as a user starts them; their logs go to files."""

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
        """Start one more; readers wait as long as its transaction may last where it is killed."""
        path = self.folder / f"worker-{len(self._logs) + 1}.log"
        with path.open("wb") as log:
            often = ["--batch-size", str(batch_size), "--transaction-timeout", f"{transaction_ms}ms"]
            command = [*self._command, "--bootstrap-servers", self.servers, *often]
            environment = {**os.environ, **self.environment}
            self.running.append(subprocess.Popen(command, stdout=log, stderr=log, env=environment))
        self._logs[self.running[-1].pid] = path
        return self.running[-1]

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """SIGKILL."""
        worker.kill()
        worker.wait()
        self.running.remove(worker)

    def close(self) -> None:
        """Kill all that still run."""
        for worker in list(self.running):
            self.kill(worker)

    def busy(self) -> list[subprocess.Popen[bytes]]:
        """Return the workers that have partitions with records still to be polled, so that none is committed yet."""
        return [worker for worker in self.running if self.metric(worker, "cascade_lag_records") > 0]

    def metric(self, worker: subprocess.Popen[bytes], name: str) -> float:
        """Return the sum of a metric's series; 0 before the worker serves it."""
        address = re.search(r"http://\S+", self._logs[worker.pid].read_text(errors="replace"))
        if not address:
            return 0
        with urlopen(f"{address[0]}/metrics", timeout=10) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        return sum(sample.value for family in families for sample in family.samples if sample.name == name)

    def logs(self) -> str:
        """Return the end of each log, for the message of a test that fails."""
        return "\n".join(f"{path.name}: {path.read_text(errors='replace')[-800:]}" for path in self._logs.values())

    def wait_done(self, seconds: float) -> None:
        """Return when the group has committed all of the input."""
        left = Feed(self.settings).left
        wait_until(lambda: left() == 0, seconds, lambda: f"{left()} records are not committed\n{self.logs()}")


@dataclass(frozen=True)
class Line:
    """One mode at work: its topics, tweets and workers."""

    settings: KafkaSettings
    feed: Feed
    workers: Workers

    def begin(self, count: int, workers: int = 1, transaction_ms: int = 3_000) -> None:
        """Produce as many tweets and start the workers."""
        self.feed.add(count)
        for _ in range(workers):
            self.workers.start(transaction_ms=transaction_ms)

    def done(self) -> int:
        """Return how many tweets are committed."""
        return self.feed.count - self.feed.left()

    def wait_begun(self) -> None:
        """Return when the workers have committed something."""
        wait_until(lambda: self.done() > 0, 90, lambda: "nothing is committed: " + self.workers.logs())

    def wait_further(self, seconds: float) -> None:
        """Return when something more is committed than now; there is more to do meanwhile."""
        self.feed.keep(2_000)
        done = self.done()
        wait_until(lambda: self.done() > done, seconds, lambda: "it stands still: " + self.workers.logs())

    def wait_still(self, seconds: float) -> None:
        """Return once nothing was committed for as long though there is work left."""
        self.feed.keep(2_000)
        seen, since = self.feed.left(), time.monotonic()

        def stands() -> bool:
            nonlocal seen, since
            if (left := self.feed.left()) != seen:
                seen, since = left, time.monotonic()
            return time.monotonic() - since > seconds

        wait_until(stands, 60, lambda: "it goes on: " + self.workers.logs())
        assert seen > 0, "work was to be left"

    def check(self, seconds: float = 120) -> None:
        """Fail unless all tweets are labelled by workers that live on."""
        self.workers.wait_done(seconds)
        assert all(worker.poll() is None for worker in self.workers.running), self.workers.logs()
        audit(self.settings).check(self.feed.count, self.workers.delivery)

"""Topics, tweets and workers of one delivery mode."""

import time
from dataclasses import dataclass

from tests.kafka.support.auditor import audit
from tests.kafka.support.tweets import Feed
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings


@dataclass(frozen=True)
class Deployment:
    """Workers of one delivery mode with topics and tweets of their own."""

    settings: KafkaSettings
    feed: Feed
    workers: Workers

    def begin(self, count: int, workers: int = 1, transaction_ms: int = 3_000) -> None:
        """Produce that many tweets and start the workers."""
        self.feed.add(count)
        for _ in range(workers):
            self.workers.start(transaction_ms=transaction_ms)

    def done(self) -> int:
        """Return the number of committed tweets."""
        return self.feed.count - self.feed.left()

    def wait_begun(self) -> None:
        """Wait for the first commit."""
        self.workers.wait_first_commit(self.feed)

    def wait_progress(self, seconds: float) -> None:
        """Wait for another commit, with enough tweets left to label."""
        self.feed.keep(2_000)
        done = self.done()
        wait_until(lambda: self.done() > done, seconds, lambda: "no progress: " + self.workers.logs())

    def wait_standstill(self, seconds: float) -> None:
        """Wait until nothing was committed for that long, with tweets left to label."""
        self.feed.keep(2_000)
        seen, since = self.feed.left(), time.monotonic()

        def stands_still() -> bool:
            nonlocal seen, since
            if (left := self.feed.left()) != seen:
                seen, since = left, time.monotonic()
            return time.monotonic() - since > seconds

        wait_until(stands_still, 60, lambda: "still commits: " + self.workers.logs())
        assert seen > 0, "no tweets were left"

    def check(self, seconds: float = 120) -> None:
        """Fail unless all tweets are labelled and all workers still run."""
        self.workers.wait_done(seconds)
        assert all(worker.poll() is None for worker in self.workers.running), self.workers.logs()
        audit(self.settings).check(self.feed.count, self.workers.delivery)

"""What is counted when a commit fails: each record once, by whoever commits it."""

from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry

from tests.helpers import FakeSink, FakeSource, FixedClassifier, Journal, record, tweet
from tests.worker.stream.test_processor import processor
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage
from worker.errors import CircuitBreakerError
from worker.monitoring.shadow import ShadowEvaluator
from worker.stream.circuit_breaker import CircuitBreaker
from worker.types import Lag, Record


class Rebalancing(FakeSource):
    """A source that refuses the first commits."""

    def __init__(self, batches: Sequence[Sequence[Record]], refusals: int) -> None:
        super().__init__(batches, Journal())
        self.refusals = refusals
        self.assigned = {("tweets", n) for n in range(3)}

    def commit(self, records: Sequence[Record]) -> None:
        """Refuse, or record the committed records."""
        self.refusals -= 1
        self.rebalanced = self.refusals >= 0
        super().commit(records)

    def lag(self) -> Lag:
        """Return an empty lag for each assigned partition."""
        return dict.fromkeys(self.assigned, 0)


class Scene:
    """A stream processor whose first commits are refused, and its metrics."""

    def __init__(self, batches: Sequence[Sequence[Record]], refusals: int = 1, max_run: int = 0) -> None:
        self.source, self.breaker = Rebalancing(batches, refusals), CircuitBreaker(max_run=max_run, window=100)
        self.registry, self.shadow = CollectorRegistry(), ShadowEvaluator(1)
        self.successor: ThresholdCascade | None = None
        self.loop = processor(
            self.source, FakeSink(Journal()), self.registry, breaker=self.breaker, shadow=self.shadow,
            successor=lambda: self.successor,
        )  # fmt: skip

    def steps(self, count: int) -> None:
        """Deliver this many batches."""
        for _ in range(count):
            self.loop.step()

    def value(self, name: str, **labels: str) -> float | None:
        """Return the value of a metric."""
        return self.registry.get_sample_value(name, labels)

    def counted(self) -> list[float | None]:
        """Return the counted records, labels, dead letters and latencies."""
        return [
            self.value("cascade_tweets_consumed_total"),
            self.value("cascade_labels_total", stage="baseline", label="disaster", target="1"),
            self.value("cascade_dead_letters_total", reason="invalid_utf8"),
            self.value("cascade_end_to_end_seconds_count"),
        ]


def mixed(*offsets: int, partition: int = 0) -> list[Record]:
    """Return records of which every second one is bad."""
    return [record(b"\xff" if n % 2 else tweet(n), offset=n, partition=partition) for n in offsets]


def test_a_batch_that_returns_after_a_failed_commit_counts_once() -> None:
    """Metrics, circuit breaker, audits and drift take a batch whose commit failed when it is committed, and once."""
    scene = Scene([mixed(0, 1, 2, 3), mixed(0, 1, 2, 3)])
    scene.steps(1)
    assert scene.counted() == [0, 0, 0, 0]
    assert scene.value("cascade_audits_total", segment="all", stage="baseline", agrees="yes") == 0
    scene.steps(1)
    assert scene.counted() == [4, 2, 2, 4]
    assert (len(scene.breaker._window), scene.breaker.share) == (4, 0.5)
    assert scene.value("cascade_audits_total", segment="all", stage="baseline", agrees="yes") == 2
    assert scene.value("cascade_batch_size_count") == 1


def test_a_later_commit_covers_a_failed_one() -> None:
    """Records that do not return, because a later commit of their partition covers them, are counted with it."""
    scene = Scene([mixed(0, 1) + mixed(0, 1, partition=1), mixed(2, 3), mixed(2, partition=1)])
    scene.steps(2)
    assert scene.counted() == [4, 2, 2, 4]
    scene.steps(1)
    assert scene.counted() == [7, 4, 3, 7]
    assert len(scene.breaker._window) == 7


def test_a_commit_without_a_batch_covers_a_failed_one() -> None:
    """Where no more records come, the commit of the position covers those before it."""
    scene = Scene([mixed(0, 1) + mixed(4, 5, partition=1)])
    scene.steps(1)
    scene.source.positions = {("tweets", 0): 2, ("tweets", 1): 4}
    scene.steps(1)
    assert scene.counted() == [2, 1, 1, 2], "the records of partition 1 are polled again"
    scene.source.positions = {("tweets", 1): 6}
    scene.steps(2)
    assert scene.counted() == [4, 2, 2, 4]


def test_records_that_another_worker_took_over_count_there() -> None:
    """Published records of a partition that another member owns now are polled, committed and counted by it."""
    scene = Scene([mixed(0, 1) + mixed(0, 1, partition=1), mixed(2, 3), mixed(7, partition=1)])
    scene.steps(1)
    scene.source.assigned.remove(("tweets", 1))
    scene.steps(1)
    assert scene.counted() == [4, 2, 2, 4]
    scene.source.assigned.add(("tweets", 1))
    scene.steps(1)
    assert scene.counted() == [5, 2, 3, 5]


def test_the_breaker_knows_what_is_published_and_not_committed() -> None:
    """Commits that keep failing do not hide a flood of bad records from the circuit breaker."""
    scene = Scene([[record(b"\xff", offset=n)] for n in range(4)], refusals=9, max_run=3)
    scene.steps(3)
    with pytest.raises(CircuitBreakerError, match="4 records in a row"):
        scene.steps(1)


def test_a_new_artifact_settles_what_the_old_one_decided() -> None:
    """Labels of the old artifact's stages that wait for a commit are counted before its series end."""
    scene = Scene([mixed(0, 1), mixed(2, 3)])
    scene.steps(1)
    scene.successor = ThresholdCascade([Stage("only", FixedClassifier())], "v2")
    scene.steps(1)
    assert scene.counted() == [4, 1, 2, 4]
    assert scene.value("cascade_labels_total", stage="only", label="disaster", target="1") == 1

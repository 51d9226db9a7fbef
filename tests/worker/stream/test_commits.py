"""Commits that run while the next batch is polled and classified."""

from collections.abc import Iterator, Sequence
from threading import Event

import pytest
from prometheus_client import CollectorRegistry

from tests.helpers import FakeSink, FakeSource, Journal, record, tweet
from tests.worker.stream.test_processor import processor
from worker.errors import CommitError, SourceError
from worker.stream.commits import SameThread, commit_thread
from worker.stream.processor import _COMMIT_POLL_MS, _LARGE_BYTES
from worker.types import Record


class SlowCommits(FakeSource):
    """A source whose commits wait for a gate, a second at most, then note their end; the first may fail."""

    def __init__(self, batches: Sequence[Sequence[Record]], journal: Journal, failure: Exception | None = None) -> None:
        super().__init__(batches, journal)
        self.gate, self.failure = Event(), failure

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:
        """Return the next batch; the second poll opens the gate."""
        if "poll" in self.journal:
            self.gate.set()
        return super().poll(limit, timeout_ms)

    def commit(self, records: Sequence[Record]) -> None:
        """Commit after the gate opens."""
        self.gate.wait(1)
        if failure := self.failure:
            self.failure = None
            raise failure
        super().commit(records)
        self.journal.append("committed")


class Scene:
    """A main loop with a thread for commits."""

    def __init__(self, *batches: Sequence[Record], failure: Exception | None = None) -> None:
        self.journal, self.registry = Journal(), CollectorRegistry()
        self.source, self.sink = SlowCommits(batches, self.journal, failure), FakeSink(self.journal)
        self.commits = commit_thread()
        self.loop = processor(self.source, self.sink, self.registry, commits=self.commits)

    def value(self, name: str, **labels: str) -> float | None:
        """Return the value of a metric."""
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
def scenes() -> Iterator[list[Scene]]:
    """End the threads of the scenes that a test puts here."""
    found: list[Scene] = []
    yield found
    for scene in found:
        scene.commits.shutdown()


def batch(offset: int, text: str = "fire") -> list[Record]:
    """Return a batch of one record."""
    return [record(tweet(offset, text), offset=offset)]


def test_the_next_batch_is_polled_during_a_commit_and_published_after_it(scenes: list[Scene]) -> None:
    """A broker that takes its time to commit delays no tweet, and never are two batches uncommitted."""
    scenes.append(scene := Scene(batch(0), batch(1)))
    scene.loop.step()
    assert scene.journal == ["poll", "publish"]
    assert scene.value("cascade_operation_records_in_progress", operation="commit") == 1
    scene.loop.step()
    assert scene.journal[:5] == ["poll", "publish", "poll", "commit", "committed"]
    assert scene.journal[5] == "publish"
    scene.loop.step()
    assert [r.offset for r in scene.source.committed] == [0, 1]
    assert scene.value("cascade_operation_records_out_total", operation="commit") == 2
    assert scene.value("cascade_operation_records_in_progress", operation="commit") == 0
    assert scene.value("cascade_tweets_consumed_total") == 2
    assert scene.source.waits == [None, _COMMIT_POLL_MS, _COMMIT_POLL_MS], "a batch counts soon, also if it is the last"


def test_a_batch_counts_only_when_it_is_committed(scenes: list[Scene]) -> None:
    """A commit under way counts nothing; one that failed is reported, and its batch counts with the next."""
    scenes.append(scene := Scene(batch(0), batch(1), failure=CommitError("the group was rebalanced")))
    scene.loop.step()
    assert scene.value("cascade_tweets_consumed_total") == 0
    scene.loop.step()
    assert (scene.value("cascade_tweets_consumed_total"), scene.value("cascade_commit_failures_total")) == (0, 1)
    scene.loop.step()
    assert scene.value("cascade_tweets_consumed_total") == 2


def test_a_refused_commit_ends_the_worker(scenes: list[Scene]) -> None:
    """What the broker refuses for good is raised by the main loop, not lost in a thread."""
    scenes.append(scene := Scene(batch(0), batch(1), failure=SourceError("the group is not authorized")))
    scene.loop.step()
    with pytest.raises(SourceError, match="not authorized"):
        scene.loop.step()
    assert scene.journal.count("publish") == 1


def test_the_last_commit_is_waited_for(scenes: list[Scene]) -> None:
    """A worker that is stopped leaves nothing published and uncommitted."""
    scenes.append(scene := Scene(batch(0)))
    scene.sink.meanwhile = scene.loop.stop
    scene.source.gate.set()
    scene.loop.run()
    assert scene.journal == ["poll", "publish", "commit", "committed"]
    assert scene.value("cascade_tweets_consumed_total") == 1


def test_a_large_batch_is_committed_before_the_next_poll(scenes: list[Scene]) -> None:
    """The memory of a worker holds no batch of large records beside the next one."""
    scenes.append(scene := Scene(batch(0, "x" * _LARGE_BYTES), batch(1)))
    scene.source.gate.set()
    scene.loop.step()
    assert scene.journal == ["poll", "publish", "commit", "committed"]


def test_a_call_in_the_same_thread_has_ended_when_it_is_submitted() -> None:
    """The end of a transaction precedes the next one's begin, and its failure is kept."""
    assert SameThread().submit(max, 1, 2).result(0) == 2
    assert isinstance(SameThread().submit(int, "x").exception(0), ValueError)

"""Several batches in hand."""

from collections.abc import Callable, Sequence
from threading import Event

import pytest

from tests.helpers import FakeSink, FakeSource, FixedClassifier, Journal, record, tweet
from tests.worker.stream.test_processor import worker
from worker.errors import BatchAbortedError, ClassifierError
from worker.stream.processor import Worker
from worker.types import Floats, Record


class Gated(FixedClassifier):
    """Says nothing of a text "slow" before its gate is opened, and fails on "broken"."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Event()

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Wait for the gate, for a minute at most."""
        assert "slow" not in texts or self.gate.wait(60)
        if "broken" in texts:
            raise MemoryError
        return super().predict_proba(texts)


class Scene:
    """A worker that may have three batches in hand: one of each of the texts, in a partition each."""

    def __init__(self, *texts: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.records = [record(tweet(n, text), partition=n) for n, text in enumerate(texts)]
        self.journal, self.classifier = Journal(), Gated()
        self.source = Crowd([[r] for r in self.records], self.journal)
        self.sink = FakeSink(self.journal, meanwhile=meanwhile)
        self.worker: Worker = worker(self.source, self.sink, fast=self.classifier, depth=3)

    def finish(self) -> None:
        """Open the gate; stop."""
        self.classifier.gate.set()
        self.worker.stop()
        self.worker.run()


class Crowd(FakeSource):
    """A member of a group whose partitions may go elsewhere."""

    def __init__(self, batches: Sequence[Sequence[Record]], journal: Journal) -> None:
        super().__init__(batches, journal)
        self.here = {("tweets", n) for n in range(len(batches))}
        self.number = 1

    def lag(self) -> dict[tuple[str, int], int | None]:
        """Return those that are here; records wait, so that nothing is audited."""
        return dict.fromkeys(self.here, 1)

    def generation(self) -> int:
        """Return the number of the group's generation."""
        return self.number


def test_the_next_batches_are_polled_while_one_is_classified() -> None:
    """The machine is not idle while a batch waits for TensorFlow, and none overtakes another."""
    scene = Scene("slow", "quick")
    assert [scene.worker.step(), scene.worker.step(), scene.worker.step()] == [1, 1, 0]
    assert scene.journal == ["poll"] * 3, "the second may be classified already, and is not published before the first"
    scene.finish()
    assert scene.source.committed == scene.records


def test_of_so_many_batches_the_first_is_finished_before_more_is_polled() -> None:
    """Memory is bounded, and so is what comes again after a crash."""
    scene = Scene("slow", "quick", "quick")
    scene.worker.step()
    scene.worker.step()
    assert not scene.source.committed
    scene.classifier.gate.set()
    scene.worker.step()
    assert scene.source.committed[:1] == scene.records[:1]
    scene.finish()
    assert scene.source.committed == scene.records


def test_what_went_elsewhere_is_not_published() -> None:
    """Whoever has the partition now labels its tweets: two labels are one too many."""
    scene = Scene("slow", "quick")
    scene.worker.step()
    scene.worker.step()
    scene.source.here.remove(("tweets", 0))
    scene.source.number += 1
    scene.finish()
    assert scene.source.committed == scene.records[1:]
    assert len(scene.sink.messages) == 1


def test_a_model_that_fails_ends_the_worker_with_nothing_more_committed() -> None:
    """The batches after the one that failed are not delivered: a hole would be lost for ever."""
    scene = Scene("quick", "broken", "quick")
    with pytest.raises(ClassifierError):
        scene.worker.run()
    assert scene.source.committed == scene.records[:1]


def test_what_was_polled_after_an_aborted_batch_comes_again_too() -> None:
    """The source goes back to the aborted batch, and gives all that follows once more."""
    refusals = [BatchAbortedError("rebalanced")]

    def refuse_once() -> None:
        if refusals:
            raise refusals.pop()

    scene = Scene("slow", "quick", meanwhile=refuse_once)
    scene.worker.step()
    scene.worker.step()
    scene.classifier.gate.set()
    while len(scene.source.committed) < len(scene.records):
        scene.worker.step()
    assert scene.journal.count("rewind") == 1
    assert scene.source.committed == scene.records
    assert len(scene.sink.messages) == len(scene.records)

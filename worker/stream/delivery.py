"""Delivery of a classified batch: encode, publish, commit, in this order and nowhere else."""

import logging
from collections.abc import Collection
from concurrent.futures import Executor

from worker.errors import CommitError
from worker.logs.dead_letters import DeadLetterLog
from worker.logs.throttle import FailureStreak
from worker.stream.circuit_breaker import CircuitBreaker
from worker.stream.codec import encode_dead_letter, encode_label
from worker.stream.commits import Committing, SameThread, timed
from worker.stream.counts import BatchCounts, UncommittedCounts, counts_of
from worker.stream.telemetry import Telemetry
from worker.types import BatchResult, Message, Partition, Record, Sink, Source, partitions_of

log = logging.getLogger(__name__)


class Delivery:
    """Publishes and commits batches.

    Args:
        source: commits the offsets.
        sink: publishes labels and dead letters.
        breaker: stops the worker where too many records are bad.
        telemetry: reports each operation.
        output_topic: of the labels.
        dead_letter_topic: of the dead letters.
        commits: runs the commits, one at a time; by default in the caller's thread.

    """

    def __init__(
        self,
        source: Source,
        sink: Sink,
        breaker: CircuitBreaker,
        telemetry: Telemetry,
        *,
        output_topic: str,
        dead_letter_topic: str,
        commits: Executor | None = None,
    ) -> None:
        self._source, self._sink = source, sink
        self._breaker, self._telemetry = breaker, telemetry
        self._output_topic, self._dead_letter_topic = output_topic, dead_letter_topic
        self._uncommitted, self._failures = UncommittedCounts(), FailureStreak(log)
        self._letters = DeadLetterLog(log, dead_letter_topic)
        self._commits = commits or SameThread()
        self._committing: Committing | None = None
        telemetry.breaker(breaker)

    def deliver(self, records: list[Record], result: BatchResult) -> None:
        """Publish, which returns once all is acknowledged; then begin to commit, which `finish_commit` ends.

        After a crash in between they are polled again.

        Args:
            records: all of the batch, each partition's in order.
            result: their labels and dead letters.

        Raises:
            CircuitBreakerError: too many records are bad; nothing was published or committed.
            BatchAbortedError: consumers see nothing of the batch; it must be polled again.
            DeliveryError: the broker did not acknowledge; nothing was committed.
            TooLargeError: a label or dead letter is larger than allowed; nothing was committed.

        """
        counts = counts_of(records, result)
        self._check(records, counts)
        with self._telemetry.operation("encode", len(records)):
            messages = self._messages(result)
        with self._telemetry.operation("publish", len(records)):
            self._sink.publish(messages)
        self._letters.add(letter for _, letter in result.dead_letters)
        self._telemetry.commit_begun(len(records))
        seconds = self._commits.submit(timed, self._source.commit, records)
        self._committing = Committing(records, result, counts, seconds)

    @property
    def is_committing(self) -> bool:
        """Whether a commit has begun that `finish_commit` has not ended."""
        return self._committing is not None

    def finish_commit(self, *, wait: bool) -> BatchResult | None:
        """Count the batch whose commit has begun, once it has ended.

        Args:
            wait: whether to wait for its end.

        Returns:
            The batch's result if it is committed now. None if there is no such batch, or it is still being committed,
            or its commit failed: its records may then be polled again, here or by another worker.

        Raises:
            SourceError: the broker refuses commits for good.
            BatchAbortedError: as `deliver`.

        """
        batch = self._committing
        if batch is None or not (wait or batch.seconds.done()):
            return None
        self._committing = None
        if not self._is_committed(batch):
            self._uncommitted.add(batch.records, batch.result)
            return None
        self._count([*self._uncommitted.covered(partitions_of(batch.records)), batch.counts])
        return batch.result

    def commit_idle(self, in_flight: Collection[Partition]) -> None:
        """Commit the position of partitions that are not in flight; count what is covered by that."""
        if offsets := self._source.commit_idle(in_flight):
            self._count(self._uncommitted.covered_to(offsets))

    def settle(self) -> None:
        """Count what still waits for a commit: the stages that decided it are about to be replaced."""
        assigned = self._source.lag().keys()
        self._uncommitted.forget((), assigned)
        self._count(self._uncommitted.covered(assigned))

    def _check(self, records: list[Record], counts: BatchCounts) -> None:
        """Check the batch after all that is published, committed or not."""
        if self._uncommitted:
            self._uncommitted.forget(records, self._source.lag().keys())
        self._breaker.check([*self._uncommitted.bad(), *counts.bad])

    def _count(self, batches: list[BatchCounts]) -> None:
        """Count batches that are committed."""
        for counts in batches:
            self._breaker.count(counts.bad)
            self._telemetry.delivered(counts)
        self._telemetry.breaker(self._breaker)

    def summarize_dead_letters(self, *, at_once: bool = False) -> None:
        """Log the number of dead letters, once a minute; `at_once` for the last time."""
        self._letters.summarize(at_once=at_once)

    def _messages(self, result: BatchResult) -> list[Message]:
        return [encode_label(*pair, self._output_topic) for pair in result.labels] + [
            encode_dead_letter(*pair, self._dead_letter_topic) for pair in result.dead_letters
        ]

    def _is_committed(self, batch: Committing) -> bool:
        """Wait for the commit; where it fails, the partitions' new owners may poll and label the records again."""
        try:
            with self._telemetry.waiting("commit", len(batch.records)):
                seconds = batch.seconds.result()
        except CommitError as error:
            self._telemetry.commit_failed()
            self._failures.failed(f"{error}; {len(batch.records)} records may be labelled twice")
            return False
        self._telemetry.committed(batch.records, seconds)
        self._failures.succeeded()
        return True

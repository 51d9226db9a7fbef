"""The worker's loop, and the one place that says in which order a batch is done."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from worker.breaker import bad_flags
from worker.cascade import ThresholdCascade
from worker.codec import encode_dead_letter, encode_label
from worker.errors import BatchAbortedError, CommitError
from worker.logs import Streak
from worker.metrics import WorkerMetrics
from worker.pipeline import classify_batch
from worker.shedding import Budget
from worker.supervision import Supervision
from worker.types import Message, Outcome, Record, Sink, Source

log = logging.getLogger(__name__)
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0  # well below the poll interval after which the group drops a member
_GLANCE_S = 0.1


class Worker:
    """Labels batches until it is stopped.

    Args:
        source: where records come from; its poll is the batch.
        sink: where labels and dead letters go.
        cascade: what decides.
        metrics: what is told of each step.
        supervision: what watches over the loop.
        output_topic: of the labels.
        dead_letter_topic: of the records that cannot be labelled.

    """

    def __init__(
        self,
        source: Source,
        sink: Sink,
        cascade: ThresholdCascade,
        metrics: WorkerMetrics,
        supervision: Supervision,
        *,
        output_topic: str,
        dead_letter_topic: str,
    ) -> None:
        self.source = source
        self.sink = sink
        self.pacer = supervision.pacer
        self._take(cascade, metrics)
        self.metrics = metrics
        self.health, self.breaker, self.auditor = supervision.health, supervision.breaker, supervision.auditor
        self._successor = supervision.successor
        self.metrics.bad(self.breaker)
        self.output_topic = output_topic
        self.dead_letter_topic = dead_letter_topic
        self._stopping = False
        self._aborts, self._uncommitted = Streak(log), Streak(log)

    def run(self) -> None:
        """Label batch after batch until `stop`; the batch in hand is finished and committed."""
        while not self._stopping:
            self.step()

    def stop(self) -> None:
        """End `run` after the batch in hand; safe to call from a signal handler."""
        self._stopping = True
        self.health.stopping()

    def step(self) -> int:
        """Label one batch, at least or exactly once as source and sink are; return its size.

        1. poll; 2. classify; 3. publish, which returns when all is acknowledged; 4. commit. A crash before 4 has
        the batch come again. Nothing else commits.

        Raises:
            DeliveryError: the broker did not acknowledge; nothing was committed.
            TooLargeError: a label or dead letter is larger than may be; nothing was committed.
            BreakerError: too many records are bad; nothing of the batch was published or committed.

        """
        with self._step("poll"):
            records = self.source.poll(limit := self.pacer.limit)
        lag = self.source.lag()
        self.pacer.polled(lag)
        self.metrics.paced(limit, self.pacer.objective_s)
        self.metrics.polled(len(records), lag, self.source.generation())
        self.health.polled(lag, records, joined=self.source.joined(), full=len(records) >= limit)
        self._renew()
        if records:
            self._attempt(records)
        if lag and all(behind == 0 for behind in lag.values()):
            self._audit()
        return len(records)

    def _renew(self) -> None:
        """Have the next batch labelled by the artefact that is to take over, if there is one."""
        if successor := self._successor():
            self.metrics.adopt(successor)
            self._take(successor, self.metrics)
            log.info("artefact %s labels from here on", successor.version)

    def _take(self, cascade: ThresholdCascade, metrics: WorkerMetrics) -> None:
        """Label with this cascade, measured; audits ask it unmeasured, since they are no part of the stream."""
        self.pacer.adopt(cascade)
        self._unmeasured = cascade
        self.cascade = cascade.wrapped(lambda stage: metrics.timed(stage, self.pacer.took))

    def _audit(self) -> None:
        """Ask the last stage about some tweets that did not reach it: nothing waits, so there is time."""
        self.metrics.audited(self.auditor.audit(self._unmeasured), self.auditor)

    def _attempt(self, records: list[Record]) -> None:
        """Label the records; those of an aborted transaction come again."""
        try:
            self._paced(records)
            self._aborts.passed()
        except BatchAbortedError as error:
            self._aborts.failed(error)
            self.metrics.commit_failed()
            self.source.rewind(records)
            self._pause(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(self._aborts.count - 1, 16)))

    def _pause(self, seconds: float) -> None:
        """Give a broker that aborts batches time to recover, unless the worker is stopped meanwhile."""
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _GLANCE_S))

    def _paced(self, records: list[Record]) -> None:
        """Label the records within the budget that the load leaves for them."""
        batch, start, decided = self.pacer.begin(len(records)), time.perf_counter(), None
        try:
            decided = self._label(records, batch.budget).decided
        finally:
            self.pacer.end(batch, time.perf_counter() - start, decided)

    def _label(self, records: list[Record], budget: Budget | None) -> Outcome:
        with self._step("classify", len(records)):
            outcome = classify_batch(records, self.cascade, datetime.now(UTC), budget)
        bad = bad_flags(records, outcome)
        self.breaker.judge(bad)
        with self._step("encode", len(records)):
            messages = self._messages(outcome)
        with self._step("publish", len(records)):
            self.sink.publish(messages)
        self._commit(records)
        self.metrics.published(outcome)
        self.auditor.saw(outcome, self.cascade.stages[-1].name)
        self.breaker.count(bad)
        self.metrics.bad(self.breaker)
        return outcome

    def _messages(self, outcome: Outcome) -> list[Message]:
        return [encode_label(*pair, self.output_topic) for pair in outcome.labels] + [
            encode_dead_letter(*pair, self.dead_letter_topic) for pair in outcome.dead_letters
        ]

    def _commit(self, records: list[Record]) -> None:
        """Commit; a rebalance in between only means that some records come again, to whoever owns them now."""
        try:
            with self._step("commit", len(records)):
                self.source.commit(records)
            self.health.done(records)
            self._uncommitted.passed()
        except CommitError as error:
            self.metrics.commit_failed()
            self._uncommitted.failed(f"{error}; {len(records)} records may be labelled twice")

    @contextmanager
    def _step(self, name: str, records: int = 0) -> Iterator[None]:
        self.health.step(name)
        with self.metrics.step(name, records):
            yield

"""The worker's loop: polls batches, has them classified, and delivers them in the order they were polled."""

import logging
import time
from functools import partial

from worker.cascade.cascade import ThresholdCascade
from worker.errors import BatchAbortedError
from worker.logs.throttle import Streak
from worker.metrics import WorkerMetrics
from worker.models.settling import settle
from worker.stream.delivery import Delivery
from worker.stream.in_flight import InFlight, Pending
from worker.stream.supervision import Supervision
from worker.types import Lag, Outcome, Record, Source

log = logging.getLogger(__name__)
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0  # well below the poll interval after which the group drops a member
_GLANCE_S = 0.1
_SHORT_POLL_MS = 2  # while a batch is in hand: as soon as it is classified it is to be published


class Worker:
    """Labels batches until it is stopped.

    Args:
        source: where records come from; its poll is the batch.
        delivery: what publishes and commits.
        cascade: what decides.
        metrics: what is told of each step.
        supervision: what watches over the loop.
        depth: how many batches may be in hand, polled and not yet committed. Of more than one, the next ones are
            classified while the first is published.

    """

    def __init__(
        self,
        source: Source,
        delivery: Delivery,
        cascade: ThresholdCascade,
        metrics: WorkerMetrics,
        supervision: Supervision,
        depth: int = 1,
    ) -> None:
        self.source, self._delivery, self.metrics = source, delivery, metrics
        self.health, self.auditor = supervision.health, supervision.auditor
        self._pacer, self._successor = supervision.pacer, supervision.successor
        self._take(cascade)
        self._in_flight = InFlight(depth)
        self._stopping = False
        self._aborts = Streak(log)

    def run(self) -> None:
        """Label batch after batch until `stop`; those in hand are finished and committed."""
        try:
            while not self._stopping:
                self.step()
            self._finish_all()
        finally:
            self._in_flight.close()

    def _finish_all(self) -> None:
        while self._in_flight:
            self._finish(self._in_flight.take())

    def stop(self) -> None:
        """End `run` after the batches in hand; safe to call from a signal handler."""
        self._stopping = True
        self.health.stopping()

    def step(self) -> int:
        """Poll a batch and deliver those that are due, at least or exactly once as source and sink are.

        Nothing else publishes or commits. Returns the size of the batch that was polled.

        Raises:
            ClassifierError: the model fails, whatever the text; nothing of the batch was published or committed.
            CascadeError: whatever else ends the worker: what `Source.poll` and `Delivery.deliver` raise.

        """
        records, lag = self._poll()
        self._renew()
        if records:
            self._begin(records)
        while self._in_flight.full or self._in_flight.settled():
            self._finish(self._in_flight.take())
        if not self._in_flight and lag and all(behind == 0 for behind in lag.values()):
            self._audit()
        return len(records)

    def _poll(self) -> tuple[list[Record], Lag]:
        """Wait for records, but shortly while a batch is in hand; return them, and how far behind the worker is."""
        limit = self._pacer.limit
        with self._delivery.step("poll"):
            records = self.source.poll(limit, _SHORT_POLL_MS if self._in_flight else None)
        lag = self.source.lag()
        self._pacer.polled(lag)
        self.metrics.paced(limit, self._pacer.objective_s)
        self.metrics.polled(len(records), lag, self.source.generation())
        earlier, full = self._in_flight.partitions(), len(records) >= limit
        self.health.polled(lag, records, earlier, joined=self.source.joined(), full=full)
        return records, lag

    def _renew(self) -> None:
        """Have the next batch labelled by the artefact that is to take over, if there is one."""
        if successor := self._successor():
            self._finish_all()  # with them goes the last that holds the old artefact
            self.metrics.adopt(successor)
            self._take(successor)
            settle()
            log.info("artefact %s labels from here on", successor.version)

    def _take(self, cascade: ThresholdCascade) -> None:
        """Label with this cascade, measured; audits ask it unmeasured, since they are no part of the stream."""
        self._pacer.adopt(cascade)
        self._unmeasured = cascade
        self.cascade = cascade.wrapped(lambda stage: self.metrics.timed(stage, self._pacer.took))

    def _audit(self) -> None:
        """Ask the last stage about some tweets that did not reach it: nothing waits, so there is time."""
        self.metrics.audited(self.auditor.audit(self._unmeasured), self.auditor)

    def _begin(self, records: list[Record]) -> None:
        """Have the records classified, within the budget that the load leaves for them."""
        self._in_flight.add(
            records,
            self.cascade,
            self._pacer.begin(len(records)),
            self.source.generation(),
            partial(self.metrics.step, "classify", len(records)),
        )

    def _finish(self, batch: Pending) -> None:
        """Deliver a batch; that of an aborted transaction comes again, and those that were polled after it."""
        self.health.step("classify")
        outcome, seconds = batch.result()
        start, decided = time.perf_counter(), None
        try:
            self._deliver(batch, outcome)
            self._aborts.passed()
            decided = outcome.decided
        except BatchAbortedError as error:
            self._aborts.failed(error)
            self._start_over(batch)
        finally:
            self._pacer.end(batch.paced, seconds + time.perf_counter() - start, decided)

    def _deliver(self, batch: Pending, outcome: Outcome) -> None:
        """Deliver what is still here: in partitions that went elsewhere meanwhile it comes again, there."""
        records = batch.records
        if self.source.generation() != batch.generation:
            here = self.source.lag().keys()
            records, outcome = [r for r in records if (r.topic, r.partition) in here], outcome.of(here)
        if records:
            self._delivery.deliver(records, outcome, batch.last_stage)

    def _start_over(self, aborted: Pending) -> None:
        """Have an aborted batch polled again, and all after it; wait a while before."""
        self.metrics.commit_failed()
        later = self._in_flight.drop()
        for batch in later:
            self._pacer.end(batch.paced, 0, None)
        self.source.rewind([record for batch in (aborted, *later) for record in batch.records])
        self._pause(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(self._aborts.count - 1, 16)))

    def _pause(self, seconds: float) -> None:
        """Give a broker that aborts batches time to recover, unless the worker is stopped meanwhile."""
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _GLANCE_S))

"""The main loop: polls batches, classifies them in threads, and delivers them in the order they were polled."""

import logging
import time

from worker.cascade.cascade import ThresholdCascade
from worker.errors import BatchAbortedError
from worker.logs.throttle import FailureStreak
from worker.models.reload import freeze_loaded_objects
from worker.monitoring.shadow import ShadowEvaluator
from worker.overload.controller import OverloadController
from worker.stream.active_cascade import ActiveCascade
from worker.stream.delivery import Delivery
from worker.stream.in_flight import Batch, InFlight
from worker.stream.telemetry import Telemetry
from worker.types import BatchResult, Record, Source, size_of

log = logging.getLogger(__name__)
_FIRST_BACKOFF_S = 0.1
_LONGEST_BACKOFF_S = 5.0  # well below the poll interval after which the group removes a member
_STOP_CHECK_S = 0.1
_SHORT_POLL_MS = 2  # while a batch is in flight: it is published as soon as it is classified
_JOIN_POLL_MS = 20  # while a batch is in flight and the member rejoins: a step of that takes longer than a short poll
_COMMIT_POLL_MS = 20  # while a batch is committed: it counts when it is, also where no more records come
_BRIEF_S = 0.03  # a batch that is classified within this is published before the next poll, which wants Python's lock
_LARGE_BYTES = 4 * 1024 * 1024  # a larger batch is not kept in memory while the next one is polled


class StreamProcessor:
    """Labels batches until it is stopped.

    Args:
        source: polls and rewinds.
        delivery: publishes and commits.
        cascade: classifies, until a successor replaces it.
        telemetry: reports to the metrics and the health checks.
        controller: sizes batches and limits deferrals.
        shadow: audits a share of the tweets, and widens bands that break the artifact's promise.
        in_flight: holds the batches that are polled and not yet committed; by default one.

    """

    def __init__(
        self,
        source: Source,
        delivery: Delivery,
        cascade: ActiveCascade,
        telemetry: Telemetry,
        controller: OverloadController,
        shadow: ShadowEvaluator,
        in_flight: InFlight | None = None,
    ) -> None:
        self._source, self._delivery, self._cascade = source, delivery, cascade
        self._telemetry, self._controller, self._shadow = telemetry, controller, shadow
        self._in_flight = InFlight() if in_flight is None else in_flight
        self._telemetry.watch_stages(self._in_flight.tweets_at)
        self._use(cascade.current)
        self._stopping = False
        self._aborts = FailureStreak(log)

    def run(self) -> None:
        """Label batch after batch until `stop`; deliver those in flight before returning."""
        try:
            while not self._stopping:
                self.step()
            self._finish_all()
            self._finish_commit()
        finally:
            self._in_flight.close()
            self._delivery.summarize_dead_letters(at_once=True)

    def stop(self) -> None:
        """End `run` after the batches in flight; safe to call from a signal handler."""
        self._stopping = True
        self._telemetry.stopping()

    def step(self) -> int:
        """Poll a batch and deliver those that are due; return the size of the polled batch.

        Raises:
            ClassifierError: the model fails on any text; nothing of the batch was published or committed.
            RegistryError: the Schema Registry does not answer; the same.
            CascadeError: what `Source.poll` and `Delivery.deliver` raise ends the worker.

        """
        records = self._poll()
        self._reload()
        if records:
            self._begin(records)
        self._finish_commit()
        self._delivery.commit_idle(self._in_flight.partitions())
        while self._in_flight.full or self._in_flight.is_first_done(_BRIEF_S):
            self._finish_first()
        self._delivery.summarize_dead_letters()
        return len(records)

    def _poll(self) -> list[Record]:
        """Poll, only briefly while a batch is in flight or being committed."""
        limit, earlier = self._controller.limit, self._in_flight.partitions()
        with self._telemetry.operation("poll"):
            records = self._source.poll(limit, self._poll_ms)
        lag = self._source.lag()
        self._controller.polled(lag)
        self._telemetry.paced(limit, self._controller.objective_s)
        self._telemetry.polled(self._source, records, lag, earlier)
        return records

    @property
    def _poll_ms(self) -> int | None:
        """How long to wait for records; None for the source's default."""
        if self._in_flight:
            return _SHORT_POLL_MS if self._source.status().joined else _JOIN_POLL_MS
        return _COMMIT_POLL_MS if self._delivery.is_committing else None

    def _reload(self) -> None:
        """Switch to the newly loaded artifact, if any."""
        if successor := self._cascade.successor():
            self._finish_all()  # the batches in flight are the last to hold the old artifact
            self._finish_commit()
            self._delivery.settle()
            before = self._cascade.current.classes
            self._use(successor)
            freeze_loaded_objects()
            log.info("switched to artifact %s", successor.version)
            if (after := successor.classes) != before:
                log.warning("labels are now named %s and %s, no longer %s and %s", *after, *before)

    def _use(self, cascade: ThresholdCascade) -> None:
        self._cascade.current = cascade
        self._controller.adopt(cascade)
        self._shadow.adopt(cascade)
        self._telemetry.adopt(cascade)

    def _begin(self, records: list[Record]) -> None:
        """Start to classify a batch within the budget that the load leaves for it."""
        allowance = self._controller.begin(len(records))
        cascade = self._shadow.planned(self._cascade.current, busy=self._controller.behind)
        self._in_flight.add(Batch(records, self._source.assignments(), cascade, allowance))
        self._telemetry.begun(len(records))

    def _finish_all(self) -> None:
        while self._in_flight:
            self._finish_first()

    def _finish_first(self) -> None:
        """Wait for the first batch in flight and deliver it."""
        batch = self._in_flight.first
        with self._telemetry.waiting("classify", len(batch.records)):
            result, seconds = batch.result()
        self._telemetry.classified(len(batch.records), result.stage_calls, seconds)
        self._in_flight.remove_first()
        self._finish(batch, result, seconds)

    def _finish(self, batch: Batch, result: BatchResult, seconds: float) -> None:
        """Deliver a batch, or rewind to it where its transaction was aborted."""
        start = time.perf_counter()
        try:
            self._deliver(batch, result)
        except BatchAbortedError as error:
            self._controller.abort(batch.allowance, seconds + time.perf_counter() - start, result.stage_calls)
            self._aborts.failed(error)
            self._retry(batch)
        else:
            delivery_s = time.perf_counter() - start
            self._controller.end(batch.allowance, seconds + delivery_s, result.stage_calls, delivery_s)
            self._aborts.succeeded()

    def _deliver(self, batch: Batch, result: BatchResult) -> None:
        """Deliver the records whose partitions were not lost since the poll; whoever owns the others polls them again.

        That may be this worker: a commit of the old batch would then undo what an owner in between has committed.
        """
        records, kept = batch.records, batch.still_assigned(self._source.assignments())
        if kept != batch.partitions:
            records, result = [r for r in records if (r.topic, r.partition) in kept], result.of(kept)
        if records:
            self._finish_commit()
            self._delivery.deliver(records, result)
            self._finish_commit(wait=size_of(records) > _LARGE_BYTES)

    def _finish_commit(self, *, wait: bool = True) -> None:
        """Learn from the batch whose commit has begun, once it is committed."""
        if result := self._delivery.finish_commit(wait=wait):
            self._telemetry.learned(result, self._shadow.learn(result.audits), self._shadow)

    def _retry(self, aborted: Batch) -> None:
        """Rewind to the aborted batch and back off; the batches polled after it are polled again too."""
        self._telemetry.commit_failed()
        later = self._in_flight.drop()
        for batch in later:
            self._controller.abandon(batch.allowance)
            self._telemetry.dropped(len(batch.records))
        self._source.rewind([record for batch in (aborted, *later) for record in batch.records])
        self._back_off(min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * 2.0 ** min(self._aborts.count - 1, 16)))

    def _back_off(self, seconds: float) -> None:
        """Wait, unless the worker is asked to stop."""
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _STOP_CHECK_S))

"""The worker's loop, and the one place that says in which order a batch is done."""

import logging
from datetime import UTC, datetime

from worker.cascade import ThresholdCascade
from worker.codec import encode_dead_letter, encode_label
from worker.errors import BatchAbortedError, CommitError
from worker.metrics import WorkerMetrics
from worker.pipeline import classify_batch
from worker.types import Message, Outcome, Record, Sink, Source

log = logging.getLogger(__name__)


class Worker:
    """Labels batches until it is stopped.

    Args:
        source: where records come from; its poll is the batch.
        sink: where labels and dead letters go.
        cascade: what decides.
        metrics: what is told of each step.
        output_topic: of the labels.
        dead_letter_topic: of the records that cannot be labelled.

    """

    def __init__(
        self,
        source: Source,
        sink: Sink,
        cascade: ThresholdCascade,
        metrics: WorkerMetrics,
        *,
        output_topic: str,
        dead_letter_topic: str,
    ) -> None:
        self.source = source
        self.sink = sink
        self.cascade = cascade.wrapped(metrics.timed)
        self.metrics = metrics
        self.output_topic = output_topic
        self.dead_letter_topic = dead_letter_topic
        self._stopping = False

    def run(self) -> None:
        """Label batch after batch until `stop`; the batch in hand is finished and committed."""
        while not self._stopping:
            self.step()

    def stop(self) -> None:
        """End `run` after the batch in hand; safe to call from a signal handler."""
        self._stopping = True

    def step(self) -> int:
        """Label one batch, at least or exactly once as source and sink are; return its size.

        1. poll; 2. classify; 3. publish, which returns when all is acknowledged; 4. commit. A crash before 4 has
        the batch come again. Nothing else commits.

        Raises:
            DeliveryError: the broker did not acknowledge; nothing was committed.

        """
        with self.metrics.step("poll"):
            records = self.source.poll()
        self.metrics.lag(self.source.lag())
        if records:
            self._attempt(records)
        return len(records)

    def _attempt(self, records: list[Record]) -> None:
        """Label the records; those of an aborted transaction come again."""
        try:
            self._label(records)
        except BatchAbortedError as error:
            self.metrics.commit_failed()
            log.warning("%s", error)
            self.source.rewind(records)

    def _label(self, records: list[Record]) -> None:
        with self.metrics.step("classify"):
            outcome = classify_batch(records, self.cascade, datetime.now(UTC))
        with self.metrics.step("publish"):
            self.sink.publish(self._messages(outcome))
        with self.metrics.step("commit"):
            self._commit(records)
        self.metrics.published(outcome)

    def _messages(self, outcome: Outcome) -> list[Message]:
        return [encode_label(*pair, self.output_topic) for pair in outcome.labels] + [
            encode_dead_letter(*pair, self.dead_letter_topic) for pair in outcome.dead_letters
        ]

    def _commit(self, records: list[Record]) -> None:
        """Commit; a rebalance in between only means that some records come again, to whoever owns them now."""
        try:
            self.source.commit(records)
        except CommitError as error:
            self.metrics.commit_failed()
            log.warning("%s; %d records may be labelled twice", error, len(records))

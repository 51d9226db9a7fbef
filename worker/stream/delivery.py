"""What is done with a batch once it is classified: the one place that says in which order."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from worker.errors import CommitError
from worker.logs.throttle import Streak
from worker.metrics import WorkerMetrics
from worker.stream.circuit_breaker import bad_flags
from worker.stream.codec import encode_dead_letter, encode_label
from worker.stream.supervision import Supervision
from worker.types import Message, Outcome, Record, Sink, Source

log = logging.getLogger(__name__)


class Delivery:
    """Publishes and commits batches.

    Args:
        source: where the records came from.
        sink: where labels and dead letters go.
        metrics: what is told of each step.
        supervision: what watches over them.
        output_topic: of the labels.
        dead_letter_topic: of the records that cannot be labelled.

    """

    def __init__(
        self,
        source: Source,
        sink: Sink,
        metrics: WorkerMetrics,
        supervision: Supervision,
        *,
        output_topic: str,
        dead_letter_topic: str,
    ) -> None:
        self._source, self._sink, self._metrics = source, sink, metrics
        self._health, self._breaker, self._auditor = supervision.health, supervision.breaker, supervision.auditor
        self._metrics.bad(self._breaker)
        self._output_topic, self._dead_letter_topic = output_topic, dead_letter_topic
        self._uncommitted = Streak(log)

    def deliver(self, records: list[Record], outcome: Outcome, last_stage: str) -> None:
        """Publish, which returns when all is acknowledged; then commit. A crash before that has the batch come again.

        Args:
            records: all of the batch, each partition's in order.
            outcome: what became of them.
            last_stage: name of the cascade's last stage.

        Raises:
            BreakerError: too many records are bad; nothing was published or committed.
            BatchAbortedError: nothing of the batch will be seen; it is to be polled again.
            DeliveryError: the broker did not acknowledge; nothing was committed.
            TooLargeError: a label or dead letter is larger than may be; nothing was committed.

        """
        bad = bad_flags(records, outcome)
        self._breaker.judge(bad)
        with self.step("encode", len(records)):
            messages = self._messages(outcome)
        with self.step("publish", len(records)):
            self._sink.publish(messages)
        self._commit(records)
        self._metrics.published(outcome)
        self._auditor.saw(outcome, last_stage)
        self._breaker.count(bad)
        self._metrics.bad(self._breaker)

    def _messages(self, outcome: Outcome) -> list[Message]:
        return [encode_label(*pair, self._output_topic) for pair in outcome.labels] + [
            encode_dead_letter(*pair, self._dead_letter_topic) for pair in outcome.dead_letters
        ]

    def _commit(self, records: list[Record]) -> None:
        """Commit; a rebalance in between only means that some records come again, to whoever owns them now."""
        try:
            with self.step("commit", len(records)):
                self._source.commit(records)
            self._health.done(records)
            self._uncommitted.passed()
        except CommitError as error:
            self._metrics.commit_failed()
            self._uncommitted.failed(f"{error}; {len(records)} records may be labelled twice")

    @contextmanager
    def step(self, name: str, records: int = 0) -> Iterator[None]:
        """Tell where the loop is, and measure it."""
        self._health.step(name)
        with self._metrics.step(name, records):
            yield

"""Exactly once: labels, dead letters and offsets of a batch in one transaction.

The group's metadata goes with the offsets (KIP-447): the broker refuses those of a member that the group has dropped,
so that a transactional id need not be tied to partitions. Each worker process has one of its own. Whoever is fenced was
therefore too slow: it goes on with a fresh client if the group still counts it in, and is a zombie if not.
"""

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress

from kafka.errors import KafkaError

from worker.errors import BatchAbortedError, BrokerError, DeliveryError, FencedError, TooLargeError
from worker.kafka.consumer import REBALANCED, KafkaSource
from worker.kafka.fencing import is_displaced, is_fenced, joined
from worker.kafka.producer import KafkaSink
from worker.kafka.timeouts import within
from worker.settings import WorkerSettings, milliseconds
from worker.types import Message, Record


class TransactionalSink(KafkaSink):
    """Publishes a batch in a transaction that stays open until `TransactionalSource.commit` ends it.

    Attributes:
        member_id: tells who this worker is in its group; its source sets it.

    """

    settings: WorkerSettings

    def __init__(self, settings: WorkerSettings) -> None:
        self.member_id: Callable[[], str] = str
        name = f"{settings.group_id}-{uuid.uuid4()}"
        super().__init__(
            settings,
            milliseconds(settings.delivery_timeout),
            transactional_id=name,
            transaction_timeout_ms=milliseconds(settings.transaction_timeout),
        )

    def _open(self) -> None:
        super()._open()
        self.within_deadline(self._producer.init_transactions)

    def publish(self, messages: Sequence[Message]) -> None:
        """Begin a transaction and send the messages; return once every one of them is acknowledged.

        Raises:
            BatchAbortedError: they were not for now; nothing of the batch will be seen, and it may be tried again.
            DeliveryError: they were refused for good, or a call took too long.
            TooLargeError: one is larger than may be.
            FencedError: too much time has passed, and the group has gone on without this worker.

        """
        try:
            self._producer.begin_transaction()
            super().publish(messages)
        except TooLargeError:
            with suppress(KafkaError, DeliveryError):  # the broker aborts it else, after its own time-out
                self.within_deadline(self._producer.abort_transaction)
            raise
        except DeliveryError as error:
            self.abort(error)
        except KafkaError as error:
            self.abort(error)

    def commit(self, source: "TransactionalSource", records: Sequence[Record]) -> None:
        """Add the records' offsets and end the transaction; raises what `publish` does."""
        try:
            metadata = joined(source.group_metadata())
            self.within_deadline(
                lambda: self._producer.send_offsets_to_transaction(source.offsets_after(records), metadata)
            )
            self.within_deadline(self._producer.commit_transaction)
        except KafkaError as error:
            self.abort(error)

    def abort(self, error: KafkaError | DeliveryError) -> None:
        """Abort the transaction for an error, and raise what it means; never returns."""
        cause = error.__cause__ if isinstance(error, DeliveryError) else error
        fatal = None
        try:
            self.within_deadline(self._producer.abort_transaction)
        except (KafkaError, DeliveryError) as refusal:
            fatal = refusal
        if is_fenced(cause, fatal):
            self._outlive()
        if fatal:
            raise DeliveryError(f"a transaction failed for good: {fatal} (after: {error})") from fatal
        if isinstance(cause, REBALANCED) or (isinstance(cause, KafkaError) and cause.retriable):
            self._renew()
            raise BatchAbortedError(f"a batch was aborted and comes again: {error}") from error
        raise DeliveryError(f"a batch was aborted, for the broker refuses it: {error}") from error

    def _outlive(self) -> None:
        """Go on after a transaction that the broker has aborted for its age, unless this worker is a zombie."""
        if self._is_zombie():
            raise FencedError(
                "the group has gone on without this worker and the broker has aborted its transaction: it was away for "
                "too long, is fenced, and ends; whoever has its partitions now labels the batch"
            )
        self._renew()
        raise BatchAbortedError(
            "the broker has aborted a batch that was open longer than --transaction-timeout "
            f"({self.settings.transaction_timeout.total_seconds():g} s), or the transactional id has expired; "
            "the batch comes again"
        )

    def _is_zombie(self) -> bool:
        try:
            return is_displaced(self.settings, self.member_id())
        except BrokerError as error:
            raise DeliveryError(
                f"a batch was aborted, and whether its partitions are still here is not known: {error}"
            ) from error

    def _renew(self) -> None:
        """Go on with a fresh client: kafka-python's remembers the offsets that an aborted transaction was refused.

        It would send them along with the next transaction's, and the aborted batch would be skipped for ever.
        """
        self.close()
        try:
            self._connect()
        except BrokerError as error:
            raise DeliveryError(f"no transactions are possible any more after an aborted one: {error}") from error

    def within_deadline(self, call: Callable[[], object]) -> None:
        """Make a call of kafka-python's that has no time-out of its own; raises `DeliveryError` when it is over."""
        within(self._timeout_s, call)


class TransactionalSource(KafkaSource):
    """Polls as `KafkaSource` does; its commit ends the sink's transaction."""

    def __init__(self, settings: WorkerSettings, sink: TransactionalSink) -> None:
        super().__init__(settings)
        self._sink = sink
        sink.member_id = lambda: str(self.group_metadata().member_id)

    def commit(self, records: Sequence[Record]) -> None:
        """Commit labels, dead letters and offsets together; raises what `TransactionalSink.publish` does."""
        self._sink.commit(self, records)

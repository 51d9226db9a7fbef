"""Exactly-once delivery: the labels, dead letters and offsets of a batch are committed in one transaction.

The group's metadata is sent with the offsets (KIP-447): the broker refuses those of a member that the group has
removed, so a transactional id need not be bound to partitions, and each worker process has its own. A fenced worker was
therefore only too slow. It continues with a new producer if it is still a member of its group; else it is a zombie.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from typing import NoReturn

from kafka.errors import KafkaError

from worker.errors import BatchAbortedError, BrokerError, DeliveryError, FencedError, TooLargeError
from worker.kafka.consumer import REBALANCED, KafkaSource
from worker.kafka.diagnosis.refusals import describe
from worker.kafka.fencing import is_displaced, is_fenced, raise_if_replaced, require_member
from worker.kafka.patches.transactions import discard_refused_offsets
from worker.kafka.producer import PartitionGoneError
from worker.kafka.transactions import TransactionalSink
from worker.settings import WorkerSettings, milliseconds
from worker.types import Lag, Message, Partition, Record, SourceStatus


class ExactlyOnceSession:
    """Source and sink in one: `publish` opens a transaction that `commit` ends.

    `publish` and `commit` raise alike:

    * `BatchAbortedError`: a temporary failure; nothing of the batch is visible, and it can be polled again after
      `rewind`.
    * `DeliveryError`: a permanent failure, or the broker did not answer within --delivery-timeout.
    * `FencedError`: the worker was too slow and the group has continued without it, or another worker has its name.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        with ExitStack() as opened:
            self._sink = opened.enter_context(closing(_new_sink(settings)))
            self._source = opened.enter_context(closing(KafkaSource(settings)))
            self._connections = opened.pop_all()

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:
        """Poll as `KafkaSource.poll` does."""
        return self._source.poll(limit, timeout_ms)

    def publish(self, messages: Sequence[Message]) -> None:
        """Begin a transaction and publish the messages; return once all of them are acknowledged.

        Raises:
            CascadeError: as the class says; also `TooLargeError` for a message over a size limit.

        """
        try:
            self._sink.begin()
            self._sink.publish(messages)
        except TooLargeError:
            with suppress(KafkaError, DeliveryError):  # the broker aborts it anyway, after its own time-out
                self._sink.abort()
            raise
        except (DeliveryError, KafkaError) as error:
            self._abort(error)

    def commit(self, records: Sequence[Record]) -> None:
        """Add the records' offsets to the transaction and commit it; raises as the class says."""
        offsets = self._source.offsets_after(records)
        try:
            member = require_member(self._source.group_metadata())
            self._sink.add_offsets(offsets, member)
            self._sink.commit()
        except KafkaError as error:
            self._abort(error)
        self._source.committed(offsets)

    def commit_idle(self, in_flight: Collection[Partition]) -> Mapping[Partition, int]:
        """Commit as `KafkaSource.commit_idle` does, outside of any transaction: there is nothing to publish."""
        return self._source.commit_idle(in_flight)

    def rewind(self, records: Sequence[Record]) -> None:
        """Rewind to the committed offsets, as `KafkaSource.rewind` does."""
        self._source.rewind(records)

    def lag(self) -> Lag:
        """Return the lag of each assigned partition."""
        return self._source.lag()

    def generation(self) -> int:
        """Return the generation of the group that this member is in; -1 outside of any."""
        return self._source.generation()

    def assignments(self) -> Mapping[Partition, int]:
        """Return the number of each assigned partition's current assignment."""
        return self._source.assignments()

    def status(self) -> SourceStatus:
        """Return the state of the membership and of the connection."""
        return self._source.status()

    def close(self) -> None:
        """Leave the group, then close the producer; an open transaction stays uncommitted."""
        self._connections.close()

    def _abort(self, error: KafkaError | DeliveryError) -> NoReturn:
        """Abort the transaction after an error, and raise what the error means for the worker."""
        cause = error.__cause__ if isinstance(error, DeliveryError) else error
        # An abort would wait for the partition too; the new producer aborts what the old one leaves open.
        refusal = None if isinstance(cause, PartitionGoneError) else self._refusal_of_abort()
        raise_if_replaced(self._settings, cause)
        if is_fenced(cause, refusal):
            self._survive_fencing()
        if refusal:
            raise DeliveryError(f"the transaction cannot be aborted: {refusal} (after: {error})") from refusal
        if isinstance(cause, REBALANCED) or (isinstance(cause, KafkaError) and cause.retriable):
            discard_refused_offsets(self._sink.reconnect)
            raise BatchAbortedError(f"the batch was aborted and will be polled again: {error}") from error
        meaning = describe(cause or error, self._settings)
        raise DeliveryError(f"the batch was aborted because the broker refuses it: {meaning}") from error

    def _refusal_of_abort(self) -> KafkaError | DeliveryError | None:
        try:
            self._sink.abort()
        except (KafkaError, DeliveryError) as error:
            return error
        return None

    def _survive_fencing(self) -> NoReturn:
        """Continue with a new producer after the broker aborted the transaction for its age, unless a zombie."""
        if self._is_zombie():
            raise FencedError(
                "this worker was fenced: it was away for too long, so the broker aborted its transaction and the group "
                "continued without it; the new owner of its partitions labels the batch"
            )
        self._sink.reconnect()
        raise BatchAbortedError(
            "the broker aborted a batch that was open longer than --transaction-timeout "
            f"({self._settings.transaction_timeout.total_seconds():g} s), or the transactional id has expired; "
            "the batch will be polled again"
        )

    def _is_zombie(self) -> bool:
        try:
            return is_displaced(self._settings, str(self._source.group_metadata().member_id))
        except BrokerError as error:
            raise DeliveryError(
                f"the batch was aborted, and whether the group still has this worker is unknown: {error}"
            ) from error


def _new_sink(settings: WorkerSettings) -> TransactionalSink:
    return TransactionalSink(
        settings,
        f"{settings.group_id}-{uuid.uuid4()}",
        milliseconds(settings.delivery_timeout),
        milliseconds(settings.transaction_timeout),
    )

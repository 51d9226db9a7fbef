"""Publishing in transactions."""

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from kafka import OffsetAndMetadata, TopicPartition
from kafka.structs import ConsumerGroupMetadata

from worker.errors import DeliveryError
from worker.kafka.diagnosis.topics import TRANSACTIONS, topic_problems
from worker.kafka.patches.transactions import within
from worker.kafka.producer import KafkaSink, PartitionGoneError
from worker.settings import KafkaSettings
from worker.types import Message


class TransactionalSink(KafkaSink):
    """Publishes within transactions.

    Every method but `publish` raises `KafkaError` if the broker refuses, and `DeliveryError` if it does not answer
    within `delivery_timeout_ms`; the broker then aborts the open transaction after `transaction_timeout_ms`.

    Args:
        settings: of the connection.
        transactional_id: a new producer with the same id aborts what this one leaves open, and fences it.
        delivery_timeout_ms: for each batch, and for each request of a transaction.
        transaction_timeout_ms: the broker aborts a transaction that is open for longer.

    """

    def __init__(
        self, settings: KafkaSettings, transactional_id: str, delivery_timeout_ms: int, transaction_timeout_ms: int
    ) -> None:
        super().__init__(
            settings,
            delivery_timeout_ms,
            transactional_id=transactional_id,
            transaction_timeout_ms=transaction_timeout_ms,
        )

    def _open(self) -> None:
        super()._open()
        self._within_timeout(self._producer.init_transactions)

    def begin(self) -> None:
        """Begin a transaction; `publish` then sends messages within it."""
        self._producer.begin_transaction()

    def add_offsets(self, offsets: Mapping[TopicPartition, OffsetAndMetadata], member: ConsumerGroupMetadata) -> None:
        """Add a group's offsets to the transaction; the broker checks the member and its generation (KIP-447)."""
        self._within_timeout(lambda: self._producer.send_offsets_to_transaction(offsets, member))

    def commit(self) -> None:
        """Commit the transaction."""
        self._within_timeout(self._producer.commit_transaction)

    def abort(self) -> None:
        """Abort the transaction."""
        self._within_timeout(self._producer.abort_transaction)

    def _publish_elsewhere(self, _messages: Sequence[Message], error: PartitionGoneError) -> NoReturn:
        """Leave it to the transaction: it is aborted, and its batch polled again."""
        raise DeliveryError(f"the broker did not acknowledge a batch: {error}") from error

    def _within_timeout(self, call: Callable[[], object]) -> None:
        try:
            within(self._timeout_s, call)
        except DeliveryError as error:
            causes = topic_problems(self.settings, [TRANSACTIONS])
            raise DeliveryError("; ".join([str(error), *causes])) from error.__cause__

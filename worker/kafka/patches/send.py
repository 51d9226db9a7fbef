"""Send a whole batch of records at once: kafka-python 3.0.12 takes 11 us of CPU a record, of which 2 write it.

`KafkaProducer.send` describes the producer for a debug line, takes five locks and makes a future with two callbacks for
each record. `send_all` writes the records of a partition with the same builder and hands the finished batches to the
same accumulator: what is sent, retried, split and acknowledged stays the client's.

`tests/worker/kafka/patches/test_send.py` says when it can be deleted; on a real broker `tests/kafka/test_sizes.py`
shows a batch that the broker has split.
"""

import time
from collections.abc import Iterator, Mapping, Sequence

from kafka import KafkaProducer, TopicPartition
from kafka.errors import IllegalStateError
from kafka.producer.future import FutureRecordMetadata
from kafka.producer.producer_batch import ProducerBatch
from kafka.producer.record_accumulator import RecordAccumulator
from kafka.record.memory_records import MemoryRecordsBuilder

from worker.types import Message


class SentBatch(Sequence[FutureRecordMetadata]):
    """Records of one partition that are sent in one batch, unless the broker is too small for it.

    It takes the place of the futures of the batch's records: they are made where the client splits the batch, which
    binds them to the smaller ones.
    """

    def __init__(self, batch: ProducerBatch) -> None:
        self.partition: TopicPartition = batch.topic_partition
        self.messages: list[Message] = []
        self._future = batch.produce_future
        self._futures: dict[int, FutureRecordMetadata] = {}
        batch._record_futures = self

    def __len__(self) -> int:
        return len(self.messages)

    def __getitem__(self, index: int) -> FutureRecordMetadata:  # type: ignore[override] # nobody asks for a slice
        if index not in self._futures:
            self._futures[index] = FutureRecordMetadata(self._future, index, -1, None, -1, -1, -1)
        return self._futures[index]

    @property
    def is_split(self) -> bool:
        """Whether the client has replaced the batch by smaller ones."""
        return len(self._futures) == len(self.messages) > 0

    @property
    def is_done(self) -> bool:
        """Whether each record is acknowledged or has failed."""
        return self._future.is_done or (self.is_split and all(future.is_done for future in self._futures.values()))

    def failures(self) -> list[tuple[Message, Exception]]:
        """Return the records that failed, each with its error."""
        if self.is_split:
            failed = [(n, future.exception) for n, future in self._futures.items() if future.failed()]
        else:
            _offset, _timestamp, error_of = self._future.value
            failed = [(n, error_of(n)) for n in range(len(self))] if error_of else []
        return [(self.messages[n], error) for n, error in failed if error]


def send_all(producer: KafkaProducer, messages: Mapping[TopicPartition, Sequence[Message]]) -> list[SentBatch]:
    """Send the messages of each partition, as `KafkaProducer.send` does; the topics' metadata must be known.

    Raises:
        KafkaError: the producer is closed or its transaction has failed.

    """
    accumulator: RecordAccumulator = producer._accumulator
    transaction = producer._transaction_manager
    if transaction and transaction.is_transactional():
        for partition in messages:
            transaction.maybe_add_partition_to_transaction(partition)
    now_ms = int(time.time() * 1000)
    made = [pair for tp, records in messages.items() for pair in _batches(accumulator, tp, records, now_ms)]
    _append(accumulator, [batch for batch, _ in made])
    producer._sender.wakeup()
    return [sent for _, sent in made]


def _batches(
    accumulator: RecordAccumulator, partition: TopicPartition, messages: Sequence[Message], now_ms: int
) -> Iterator[tuple[ProducerBatch, SentBatch]]:
    """Yield batches of the producer's size that hold all of the messages."""
    batch, sent = _new(accumulator, partition)
    for message in messages:
        written = batch.records.append(now_ms, message.key, message.value, list(message.headers))
        if written is None:  # the batch is full; a new one takes any first record
            yield batch, sent
            batch, sent = _new(accumulator, partition)
            written = batch.records.append(now_ms, message.key, message.value, list(message.headers))
        batch.max_record_size = max(batch.max_record_size, written.size)
        sent.messages.append(message)
    yield batch, sent


def _new(accumulator: RecordAccumulator, partition: TopicPartition) -> tuple[ProducerBatch, SentBatch]:
    config = accumulator.config
    builder = MemoryRecordsBuilder(config["message_version"], config["compression_attrs"], config["batch_size"])
    batch = ProducerBatch(partition, builder)
    return batch, SentBatch(batch)


def _append(accumulator: RecordAccumulator, batches: Sequence[ProducerBatch]) -> None:
    """Append finished batches to their partitions' queues, unless the producer was closed meanwhile."""
    accumulator._appends_in_progress.increment()
    try:
        for batch in batches:
            with accumulator._tp_lock(batch.topic_partition):
                if accumulator._closed:
                    raise IllegalStateError("the producer is closed")
                accumulator._batches[batch.topic_partition].append(batch)
                accumulator._incomplete.add(batch)
    finally:
        accumulator._appends_in_progress.decrement()

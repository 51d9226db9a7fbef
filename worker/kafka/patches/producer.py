"""Workarounds for the producer of kafka-python 3.0.12.

* When the broker has a batch split, all of its records are delivered, but `flush` raises "Future not done".
* `flush` waits the whole time-out for each batch, so that the caller has to wait in short steps.
* A record that waits for a partition which does not exist any more waits until the time-out: `missing_partitions` finds
  it in the metadata that the producer has fetched meanwhile.
* `close` flushes first; if that fails, the sender's thread stays alive.

`tests/worker/kafka/patches/test_producer.py` says when each of them can be deleted. On a real broker:
`tests/kafka/test_sizes.py` (split) and `tests/kafka/test_output.py` (close).
"""

from collections.abc import Collection
from contextlib import suppress

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError, UnknownError


def flush(producer: KafkaProducer, seconds: float) -> None:
    """Wait until everything is sent; whether it was acknowledged, only the records' futures say.

    Raises:
        KafkaTimeoutError: not everything was sent in time.

    """
    with suppress(UnknownError):
        producer.flush(timeout=seconds)


def missing_partitions(producer: KafkaProducer, partitions: Collection[TopicPartition]) -> list[TopicPartition]:
    """Return those that do not exist while their topic does, as of the latest metadata; request newer ones."""
    producer._metadata.request_update()  # a transaction to which a partition cannot be added does not
    known = {tp.topic: producer._metadata.partitions_for_topic(tp.topic) for tp in partitions}
    return sorted(tp for tp in partitions if (now := known[tp.topic]) is not None and tp.partition not in now)


def close(producer: KafkaProducer, seconds: float) -> None:
    """Close the producer and end its thread; give up what is not acknowledged in time."""
    try:
        producer.close(timeout=seconds)
    except KafkaError:
        producer._sender.force_close()
        producer._sender.join(seconds)
        with suppress(KafkaError):
            producer.close(timeout=seconds)

"""Workarounds for the producer of kafka-python 3.0.12.

* When the broker has a batch split, all of its records are delivered, but `flush` raises "Future not done".
* `close` flushes first; if that fails, the sender's thread stays alive.

`tests/worker/kafka/patches/test_producer.py` says when each of them can be deleted. On a real broker:
`tests/kafka/test_sizes.py` (split) and `tests/kafka/test_output.py` (close).
"""

from contextlib import suppress

from kafka import KafkaProducer
from kafka.errors import KafkaError, UnknownError


def flush(producer: KafkaProducer, seconds: float) -> None:
    """Wait until everything is sent; whether it was acknowledged, only the records' futures say.

    Raises:
        KafkaTimeoutError: not everything was sent in time.

    """
    with suppress(UnknownError):
        producer.flush(timeout=seconds)


def close(producer: KafkaProducer, seconds: float) -> None:
    """Close the producer and end its thread; give up what is not acknowledged in time."""
    try:
        producer.close(timeout=seconds)
    except KafkaError:
        producer._sender.force_close()
        producer._sender.join(seconds)
        with suppress(KafkaError):
            producer.close(timeout=seconds)

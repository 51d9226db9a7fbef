"""Rewind to what the group has committed."""

import time
from collections.abc import Callable, Mapping

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from worker.errors import SourceError


def rewind(
    consumer: KafkaConsumer,
    first: Mapping[TopicPartition, int],
    timeout_s: float,
    wait: Callable[[KafkaError], None],
) -> None:
    """Seek to the committed offset of each partition that is still assigned.

    Args:
        consumer: a member of the group.
        first: by partition, where to seek if the group has committed nothing there.
        timeout_s: longest time for all requests.
        wait: called before a request is repeated, with the error.

    Raises:
        SourceError: the committed offsets cannot be read in time.

    """
    deadline = time.monotonic() + timeout_s
    for tp in first.keys() & consumer.assignment():
        committed = _committed(consumer, tp, deadline, wait)
        consumer.seek(tp, first[tp] if committed is None else committed)


def _committed(
    consumer: KafkaConsumer, tp: TopicPartition, deadline: float, wait: Callable[[KafkaError], None]
) -> int | None:
    while True:
        try:
            left_ms = max(1, int((deadline - time.monotonic()) * 1000))
            committed: int | None = consumer.committed(tp, timeout_ms=left_ms)
            return committed
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise SourceError(f"cannot rewind to an aborted batch: {error}") from error
            wait(error)

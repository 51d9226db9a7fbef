"""A second poll for the records that arrived while the last batch was at work.

kafka-python fetches ahead: a poll after a batch returns what was fetched when the batch began, and only then asks the
broker for more. Under a steady load each record would wait for a whole batch in the client.
"""

import time
from collections.abc import Callable, Mapping

from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaError

from worker.types import size_of

Polled = dict[TopicPartition, list[ConsumerRecord]]
Poll = Callable[[int, int], Polled]
"""Takes a time-out in milliseconds and a limit of records."""
_AT_ONCE_S = 0.0015  # a poll that has to wait for a fetch takes longer
_WAIT_MS = 4  # a fetch takes 2 to 3 ms
_SMALL_BYTES = 256 * 1024


def poll_newest(
    poll: Poll,
    timeout_ms: int,
    limit: int,
    assignments: Callable[[], Mapping[TopicPartition, int]],
    clock: Callable[[], float] = time.perf_counter,
) -> Polled:
    """Poll; where that returns at once and with little, poll again; return the records of both.

    Args:
        poll: polls once.
        timeout_ms: how long to wait for the first record.
        limit: maximum number of records.
        assignments: returns the number of each partition's assignment.
        clock: returns monotonic seconds.

    Raises:
        KafkaError: the first poll failed. The second one's failure is left to the next poll, which meets it too.

    """
    start = clock()
    first = poll(timeout_ms, limit)
    count = sum(map(len, first.values()))
    if not first or clock() - start > _AT_ONCE_S or 2 * count > limit or _is_large(first):
        return first
    before = assignments()
    try:
        second = poll(_WAIT_MS, limit - count)
    except KafkaError:
        second = {}
    return _joined(_kept(first, before, assignments()), second)


def _is_large(polled: Polled) -> bool:
    return sum(size_of(records) for records in polled.values()) > _SMALL_BYTES


def _kept(polled: Polled, before: Mapping[TopicPartition, int], now: Mapping[TopicPartition, int]) -> Polled:
    """Return the records of partitions that were not lost meanwhile; their owner polls them again."""
    return {tp: records for tp, records in polled.items() if tp in now and now[tp] == before.get(tp)}


def _joined(first: Polled, second: Polled) -> Polled:
    return {tp: first.get(tp, []) + second.get(tp, []) for tp in {**first, **second}}

"""Where partitions end, asked now and then.

A consumer learns it with what it fetches, and fetches no more of a partition while it holds records of it: behind a
large buffer a backlog would not be seen.
"""

import math
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

_EVERY_S = 5.0
_TIMEOUT_MS = 1_000  # the loop waits for it


class EndOffsets:
    """The partitions' end offsets, a few seconds old at most while the broker answers.

    Args:
        consumer: kafka-python's.

    """

    def __init__(self, consumer: Any) -> None:  # noqa: ANN401 (kafka-python has no types)
        self._consumer = consumer
        self._asked = -math.inf
        self._ends: dict[TopicPartition, int] = {}

    def of(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return what is known; ask again where that is old."""
        now = time.monotonic()
        if partitions and now - self._asked > _EVERY_S:
            self._asked = now
            with suppress(KafkaError):  # polling tells what is wrong with the broker; what is known stays
                self._ends = self._consumer.end_offsets(list(partitions), timeout_ms=_TIMEOUT_MS)
        return self._ends

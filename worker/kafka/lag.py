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

from worker.settings import WorkerSettings

EVERY_S = 5.0
_SHARE, _OFTEN_S = 0.1, 0.05
_TIMEOUT_MS = 1_000  # the loop waits for it


def how_often(settings: WorkerSettings) -> float:
    """Return after how many seconds to ask again: a worker that sheds by the lag is to see a burst in good time."""
    if settings.on_overload == "lag":
        return EVERY_S
    return min(EVERY_S, max(_OFTEN_S, _SHARE * settings.latency_objective.total_seconds()))


class EndOffsets:
    """The partitions' end offsets, a few seconds old at most while the broker answers.

    Args:
        consumer: kafka-python's.
        every_s: how old they may get while the consumer may hold records, and learns nothing by itself.

    """

    def __init__(self, consumer: Any, every_s: float = EVERY_S) -> None:  # noqa: ANN401 (kafka-python has no types)
        self._consumer, self._every_s = consumer, every_s
        self._asked = -math.inf
        self._ends: dict[TopicPartition, int] = {}

    def of(self, partitions: Collection[TopicPartition], *, stale: bool = True) -> Mapping[TopicPartition, int]:
        """Return what is known; ask again where that is old, by `every_s` where what fetches told may be stale."""
        now = time.monotonic()
        if partitions and now - self._asked > (self._every_s if stale else EVERY_S):
            self._asked = now
            with suppress(KafkaError):  # polling tells what is wrong with the broker; what is known stays
                self._ends = self._consumer.end_offsets(list(partitions), timeout_ms=_TIMEOUT_MS)
        return self._ends

"""What is consumed and published."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple


class Record(NamedTuple):
    """A consumed record; `timestamp` in milliseconds since 1970, -1 where there is none.

    A tuple, like `Message`: one is made for each tweet, and a frozen dataclass takes twice as long to make.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    leader_epoch: int = -1


Partition = tuple[str, int]
"""A topic's name and the partition's number."""


_topic_and_partition = itemgetter(0, 1)  # of a tuple, in C: it is asked of each record several times


def partitions_of(records: Iterable[Record]) -> set[Partition]:
    """Return the partitions of the records."""
    return set(map(_topic_and_partition, records))


def size_of(records: Iterable[Record]) -> int:
    """Return the bytes of the records' values."""
    return sum(len(record.value) for record in records if record.value)


class Message(NamedTuple):
    """A record to publish.

    Attributes:
        partition: None to derive it from the key.
        origin: the consumed record that the message was made from.

    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None
    origin: Record | None = None

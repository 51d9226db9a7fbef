"""Sources of records and sinks of messages."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from worker.types.records import Message, Partition, Record

Lag = Mapping[Partition, int | None]
"""Records not yet polled that can be, by topic and partition; None where the end offset is not known yet."""


class HeldBack(NamedTuple):
    """What an open transaction of a producer holds back in a partition."""

    records: int
    """Offsets from its first record to the end of the partition."""
    seconds: float
    """For how long it has been the oldest open one, as far as the worker knows."""


class SourceStatus(NamedTuple):
    """The state of a source's membership and connection."""

    joined: bool
    """Whether this member is part of the group, with or without partitions."""
    lost_records: int = 0
    """Records since the start that the broker deleted before they were polled."""
    silent_s: float = 0.0
    """Seconds for which no broker has answered; 0 if the last request was answered."""
    held_back: Mapping[Partition, HeldBack] = MappingProxyType({})
    """By partition, what an open transaction keeps from being polled; the lag does not count it."""
    buffered: Collection[Partition] = frozenset()
    """Partitions of records that are fetched and wait for a later poll."""
    missing_topics: Collection[str] = ()
    """Input topics that do not exist any more."""


class Source(Protocol):
    """A stream of records, read as a member of a consumer group."""

    def poll(self, limit: int, timeout_ms: int | None = None) -> list[Record]:
        """Wait for records and return those that arrived, each partition's in order: the next batch.

        Args:
            limit: the most records to return.
            timeout_ms: how long to wait; None for the source's default.

        Raises:
            SourceError: the broker refuses for good.

        """

    def commit(self, records: Sequence[Record]) -> None:
        """Commit the offsets after the records.

        Raises:
            CommitError: the commit failed for now, most often because of a rebalance.
            SourceError: the broker refuses commits for good.

        """

    def commit_idle(self, in_flight: Collection[Partition]) -> Mapping[Partition, int]:
        """Commit the position of each partition that is not in flight, every few seconds; a failure is not reported.

        Args:
            in_flight: partitions with records that were polled and are not committed yet.

        Returns:
            The offsets that were committed now.

        """

    def rewind(self, records: Sequence[Record]) -> None:
        """Seek back, so that the records of an aborted batch are polled again."""

    def lag(self) -> Lag:
        """Return the lag of each assigned partition."""

    def generation(self) -> int:
        """Return the generation of the group that this member is in; -1 where it is in none."""

    def assignments(self) -> Mapping[Partition, int]:
        """Return a number for each assigned partition, another one after it was lost and regained."""

    def status(self) -> SourceStatus:
        """Return the state of the membership and of the connection."""

    def close(self) -> None:
        """Leave the group."""


class Sink(Protocol):
    """A destination of messages."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Send the messages; return once all of them are acknowledged.

        Raises:
            DeliveryError: at least one was not acknowledged.
            TooLargeError: one is larger than the client or its topic allows.

        """

    def close(self) -> None:
        """Free the connection."""

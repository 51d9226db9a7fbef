"""Which assignment of a partition is the current one."""

from collections.abc import Collection, Mapping

from kafka import ConsumerRebalanceListener, TopicPartition


class Assignments(ConsumerRebalanceListener):  # type: ignore[misc] # kafka-python has no types
    """Numbers the assignments of partitions to this member, in order.

    The group's generation does not say whether a partition was here all the time: it also changes when others join,
    and a partition that was lost and regained between two looks has had another owner, who may have committed more.

    Attributes:
        current: the number of each assigned partition's assignment; replaced and never changed, since kafka-python
            calls from a thread of its own.

    """

    def __init__(self) -> None:
        self.current: Mapping[TopicPartition, int] = {}
        self._count = 0

    @property
    def has_joined(self) -> bool:
        """Whether this member has ever joined its group, with or without partitions."""
        return self._count > 0

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Give new assignments the next number."""
        self._count += 1
        self.current = {**self.current, **dict.fromkeys(assigned, self._count)}

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Forget partitions that were revoked, or lost with the membership."""
        self.current = {tp: number for tp, number in self.current.items() if tp not in revoked}

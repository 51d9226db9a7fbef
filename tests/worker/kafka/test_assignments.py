"""Numbers of assignments."""

from kafka import TopicPartition

from worker.kafka.assignments import Assignments

FIRST, SECOND, THIRD = (TopicPartition("t", n) for n in range(3))


def test_a_regained_partition_has_another_number() -> None:
    """What joins and leaves beside a partition does not change its number; a loss does, of whatever kind."""
    assignments = Assignments()
    assignments.on_partitions_assigned([FIRST, SECOND])
    before = assignments.current
    assignments.on_partitions_assigned([THIRD])
    assignments.on_partitions_revoked([SECOND])
    assert assignments.current.keys() == {FIRST, THIRD}
    assignments.on_partitions_assigned([SECOND])
    assignments.on_partitions_lost([THIRD])
    assert assignments.current[FIRST] == before[FIRST]
    assert assignments.current[SECOND] != before[SECOND]
    assert THIRD not in assignments.current

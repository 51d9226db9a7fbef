"""Why topics do not take records."""

import pytest

from worker.kafka.admin import TopicDescription
from worker.kafka.diagnosis.topics import OFFSETS, TRANSACTIONS, problems


def described(name: str, *in_sync: int, leader: int = 1, error: int = 0) -> TopicDescription:
    """Return a topic of three replicas, with a partition for each number of those in sync."""
    partitions = [
        {"partition_index": n, "leader_id": leader, "replica_nodes": [1, 2, 3], "isr_nodes": list(range(count))}
        for n, count in enumerate(in_sync)
    ]
    return {"name": name, "error_code": error, "partitions": partitions}


@pytest.mark.parametrize(
    ("topic", "found"),
    [
        (described("t", 3, 3), []),
        (described("t"), ["topic t does not exist any more"]),
        (described("t", error=29), ["topic t must not be described by this user any more"]),
        (described("t", 3, leader=-1), ["t-0 has no leader"]),
        (described(TRANSACTIONS), []),
        (described(OFFSETS, error=29), []),
    ],
)
def test_each_problem_has_a_phrase(topic: TopicDescription, found: list[str]) -> None:
    """A topic in order has none; nor has one of the broker's own that the user may not describe."""
    assert list(problems(topic)) == found


def test_missing_replicas_are_one_phrase() -> None:
    """A broker that is away leaves out a replica of all fifty partitions: the fewest in sync are what matters."""
    [text] = problems(described(TRANSACTIONS, 3, 1, 2))
    assert text.startswith(f"topic {TRANSACTIONS} has 1 of 3 replicas in sync, and takes no record")

"""Partition of each key."""

from hypothesis import example, given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as theirs

from worker.kafka.partitioner import murmur2, partitions_of_keys
from worker.types import Message

PARTITIONS = {"out": {0, 1, 2, 4}, "dead": {0}, "unknown": set[int]()}


@given(st.lists(st.binary(max_size=40), max_size=20))
@example([b"", b"a", b"ab", b"abc", b"abcd", b"abcde", b"1212092628029698048"])
def test_the_hash_is_that_of_kafkas_clients(keys: list[bytes]) -> None:
    """A label has the partition of its tweet's key in any client, so that consumers can join the two topics."""
    assert [int(h) for h in murmur2(keys)] == [theirs(key) & 0xFFFFFFFF for key in keys]


def test_a_given_partition_is_kept() -> None:
    """A replayed record keeps its partition; the client chooses for a message without a key or with a very long one."""
    messages = [
        Message("out", b"key", b"", partition=3),
        Message("out", b"key", b""),
        Message("dead", b"key", b""),
        Message("out", None, b""),
        Message("out", b"", b""),
        Message("out", b"k" * 300, b""),
        Message("unknown", b"key", b""),
    ]
    fourth = [0, 1, 2, 4][(theirs(b"key") & 0x7FFFFFFF) % 4]
    assert partitions_of_keys(messages, PARTITIONS.__getitem__) == [3, fourth, 0, None, None, None, None]
    assert partitions_of_keys([], PARTITIONS.__getitem__) == []

"""Partition of each key."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as theirs

from worker.kafka.partitioner import choose_partitions, murmur2
from worker.types import Message

PARTITIONS: dict[str, set[int]] = {"out": {0, 1, 2, 4}, "dead": {0}}


@given(st.lists(st.binary(max_size=40), max_size=20))
@example([b"", b"a", b"ab", b"abc", b"abcd", b"abcde", b"1212092628029698048"])
def test_the_hash_is_that_of_kafkas_clients(keys: list[bytes]) -> None:
    """A label has the partition of its tweet's key in any client, so that consumers can join the two topics."""
    assert [int(h) for h in murmur2(keys)] == [theirs(key) & 0xFFFFFFFF for key in keys]


def test_a_given_partition_is_kept() -> None:
    """A replayed record keeps its partition; else the key says it, empty or very long ones too."""
    long = b"k" * 300
    messages = [Message("out", b"key", b"", partition=3), Message("dead", b"key", b"")]
    messages += [Message("out", key, b"") for key in (b"key", b"", long)]
    hashed = [[0, 1, 2, 4][(theirs(key) & 0x7FFFFFFF) % 4] for key in (b"key", b"", long)]
    assert choose_partitions(messages, PARTITIONS.__getitem__, PARTITIONS.get) == [3, 0, *hashed]
    assert choose_partitions([], PARTITIONS.__getitem__, PARTITIONS.get) == []


@pytest.mark.parametrize(("available", "chosen"), [({1, 4}, {1, 4}), (set[int](), {0, 1, 2, 4}), (None, {0, 1, 2, 4})])
def test_messages_without_a_key_share_a_partition(available: set[int] | None, chosen: set[int]) -> None:
    """They share a request (KIP-480), and none waits for a partition without a leader while another has one."""
    found = [
        choose_partitions([Message("out", None, b"")] * 9, PARTITIONS.__getitem__, lambda _: available)
        for _ in range(99)
    ]
    assert all(len(set(partitions)) == 1 for partitions in found)
    assert {partitions[0] for partitions in found} == chosen

"""Partition of each message, as all of Kafka's clients choose it, for a whole batch at once.

kafka-python computes murmur2 byte by byte in Python, which takes a quarter of the time to send a record.
"""

import random
from collections.abc import Callable, Collection, Sequence

import numpy as np
from kafka.partitioner.default import murmur2 as murmur2_of
from numpy.typing import NDArray

from worker.types import Message

_SEED, _FACTOR = np.uint32(0x9747B28C), np.uint32(0x5BD1E995)
_13, _15, _24 = np.uint32(13), np.uint32(15), np.uint32(24)
_LONGEST_KEY = 256  # bytes: every key is padded to the width of the longest

Hashes = NDArray[np.uint32]
PartitionsOf = Callable[[str], Collection[int]]
"""Returns the partitions of a topic."""


def choose_partitions(
    messages: Sequence[Message], every: PartitionsOf, available: Callable[[str], Collection[int] | None]
) -> list[int]:
    """Return each message's partition: its own, else that of its key, else one for all without a key (KIP-480).

    Args:
        messages: to send.
        every: all partitions of a topic, at least one; called once for each topic.
        available: those that have a leader now, if any; called once for each topic with messages without a key.

    """
    known = {topic: sorted(every(topic)) for topic in {message.topic for message in messages}}
    drawn = {
        topic: random.choice(sorted(available(topic) or known[topic]))  # noqa: S311 (a partition, no secret)
        for topic in {message.topic for message in messages if message.key is None}
    }
    hashes = dict(zip(*_hashed([m.key for m in messages if m.partition is None and m.key is not None]), strict=True))

    def partition_of(message: Message) -> int:
        if message.partition is not None:
            return message.partition
        if message.key is None:
            return drawn[message.topic]
        return known[message.topic][hashes[message.key] % len(known[message.topic])]

    return [partition_of(message) for message in messages]


def _hashed(keys: Sequence[bytes]) -> tuple[list[bytes], list[int]]:
    """Return the keys and the hash of each, as the clients take its remainder."""
    short = [key for key in keys if len(key) <= _LONGEST_KEY]
    long = [key for key in keys if len(key) > _LONGEST_KEY]
    hashes = [*murmur2(short).tolist(), *map(murmur2_of, long)]
    return [*short, *long], [value & 0x7FFFFFFF for value in hashes]


def murmur2(keys: Sequence[bytes]) -> Hashes:
    """Return MurmurHash2 (Appleby 2008) of each key with the seed of Kafka's clients, of shape (n keys,)."""
    lengths = np.fromiter(map(len, keys), np.uint32, len(keys))
    whole, width = lengths // 4, int(lengths.max(initial=0)) // 4 + 1
    words = np.frombuffer(b"".join([key.ljust(4 * width, b"\0") for key in keys]), "<u4").reshape(len(keys), width)
    h = _SEED ^ lengths
    for n in range(width):
        h = np.where(n < whole, h * _FACTOR ^ _mixed(words[:, n]), h)
    rest = words[np.arange(len(keys)), whole]
    h = np.where(lengths % 4 > 0, (h ^ rest) * _FACTOR, h)
    h = (h ^ h >> _13) * _FACTOR
    return h ^ h >> _15


def _mixed(k: Hashes) -> Hashes:
    k = k * _FACTOR
    return (k ^ k >> _24) * _FACTOR

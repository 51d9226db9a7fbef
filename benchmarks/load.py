"""A producer that keeps to its times: an open loop, in a process of its own, on librdkafka's threads.

A tweet carries the time at which it was due, whether it was sent then or late: what waits is measured, and a slow
system does not slow its load down (no coordinated omission). `python -m benchmarks.load` is started by the others; it
prints by how many milliseconds the latest tweet was late.
"""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from confluent_kafka import Producer
from numpy.typing import NDArray

from benchmarks.topics import PARTITIONS
from benchmarks.tweets import read_pool


def arrivals(rate: float, seconds: float, seed: int) -> NDArray[np.float64]:
    """Return the times of a Poisson process in seconds from its start, shape (rate * seconds,)."""
    pauses = np.random.default_rng(seed).exponential(1 / rate, size=max(1, round(rate * seconds)))
    return np.asarray(np.cumsum(pauses))


def send(servers: str, topic: str, due: Sequence[float], records: Sequence[tuple[bytes, bytes]]) -> float:
    """Send each record when it is due, seconds since 1970; return by how many seconds the latest was late."""
    producer = Producer({"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 1, "log_level": 2})
    late = 0.0
    for n, (at, (key, value)) in enumerate(zip(due, records, strict=True)):
        if (wait := at - time.time()) > 0:
            producer.poll(0)
            time.sleep(wait)
        late = max(late, -wait)
        producer.produce(topic, value, key, n % PARTITIONS, timestamp=int(at * 1000))
    producer.flush(60)
    return late


def main() -> None:
    """Send what the command line asks for."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--servers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--tweets", type=Path)
    for flag in ("--rate", "--seconds", "--start"):
        parser.add_argument(flag, type=float, required=True)
    parser.add_argument("--seed", type=int, default=42)
    found = parser.parse_args()
    due = found.start + arrivals(found.rate, found.seconds, found.seed)
    records = list(read_pool(found.tweets).records(len(due)))
    print(f"{send(found.servers, found.topic, due.tolist(), records) * 1000:.1f}")


if __name__ == "__main__":
    main()

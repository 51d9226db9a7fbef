"""`python -m benchmarks.load_generator`: sends tweets when their time has come, in a process of its own.

The first line that it prints is the time of its beginning, in seconds since 1970; the last, how late it was at worst.
"""

import time
from argparse import ArgumentParser
from pathlib import Path

from confluent_kafka import Producer

from benchmarks import schedule
from benchmarks.scoring import known
from benchmarks.topics import PARTITIONS
from benchmarks.tweets import read_pool
from worker.errors import BrokerError
from worker.types import Floats

_LEAD_S = 1.0
_TICK_S = 0.005


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = ArgumentParser(prog="python -m benchmarks.load_generator", description=__doc__)
    parser.add_argument("--bootstrap-servers", required=True, metavar="HOST:PORT")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--phases", required=True, type=schedule.read, metavar="NAME:SECONDS:RATE,...")
    parser.add_argument("--tweets", type=Path, metavar="FILE")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    return parser


def main() -> None:
    """Send them all."""
    arguments = build_parser().parse_args()
    times = schedule.times(arguments.phases, arguments.seed)
    records = list(known(read_pool(arguments.tweets)).records(len(times)))
    producer = Producer({
        "bootstrap.servers": arguments.bootstrap_servers, "linger.ms": 5, "log_level": 2,
        "queue.buffering.max.messages": 2_000_000,
    })  # fmt: skip
    producer.list_topics(arguments.topic, 10)
    begin = time.time() + _LEAD_S
    print(f"{begin:.6f}", flush=True)
    print(f"{send(producer, arguments.topic, begin + times, records):.6f}", flush=True)


def send(producer: Producer, topic: str, moments: Floats, records: list[tuple[bytes, bytes]]) -> float:
    """Send each record at its moment, evenly to all partitions; return by how much one was late at worst.

    Raises:
        BrokerError: not all are acknowledged.

    """
    sent, late = 0, 0.0
    while sent < len(records):
        due = int(moments.searchsorted(now := time.time()))
        if due > sent:
            late = max(late, now - float(moments[sent]))
        for n in range(sent, due):
            key, value = records[n]
            producer.produce(topic, value, key, n % PARTITIONS, timestamp=int(moments[n] * 1000))
        producer.poll(0)
        sent = due
        time.sleep(_TICK_S)
    if producer.flush(60):
        raise BrokerError(f"{topic} does not take what is sent")
    return late


if __name__ == "__main__":
    main()

"""`python -m benchmarks.load_generator`: send tweets at planned times, on librdkafka's threads.

The generator keeps to its arrival times however slow the system under test is, and each record's timestamp is its
arrival time, so that time spent waiting is measured (no coordinated omission). It prints `start` with the time of the
start, in seconds since 1970, before it sends; and `lateness` with the largest delay of a record, in seconds, once all
records are acknowledged.
"""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness.producer import CheckedProducer
from benchmarks.harness.topics import PARTITIONS
from benchmarks.harness.tweets import Pool
from benchmarks.load_generator.phases import arrival_times, parse_phases
from worker.cli import app
from worker.types import Floats

_LEAD_S = 0.5  # the benchmark that started it reads the start time before the first tweet
_TICK_S = 0.001  # a wake-up for each record would cost the system under test a core at 10,000 tweets a second


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.load_generator", __doc__)
    flag = parser.add_argument
    flag("--bootstrap-servers", required=True, metavar="HOST:PORT")
    flag("--topic", required=True, help=f"of {PARTITIONS} partitions")
    flag("--phases", required=True, type=parse_phases, metavar="JSON", help="[[name, seconds, rate], ...]")
    flag("--pool", type=Path, required=True, metavar="FILE", help="the tweets, as `Pool.save` writes them")
    flag("--seed", type=int, default=0, metavar="N", help="of the arrival times (default: 0)")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Send all tweets."""
    times = arrival_times(arguments.phases, arguments.seed)
    records = list(Pool.load(arguments.pool).records(len(times)))
    producer = CheckedProducer(arguments.bootstrap_servers, arguments.topic, linger_ms=1)
    producer.connect()
    start = time.time() + _LEAD_S
    print(f"start {start:.6f}", flush=True)
    print(f"lateness {send(producer, start + times, records):.6f}", flush=True)
    return 0


def send(producer: CheckedProducer, due: Floats, records: Sequence[tuple[bytes, bytes]]) -> float:
    """Send each record when it is due, evenly to all partitions; return the largest lateness in seconds.

    Args:
        producer: of the topic.
        due: arrival times in seconds since 1970, sorted, shape (n,).
        records: keys and values, n.

    Raises:
        BrokerError: not all records were acknowledged.

    """
    sent, lateness = 0, 0.0
    while sent < len(records):
        now = time.time()
        until = int(due.searchsorted(now, side="right"))
        if until > sent:
            lateness = max(lateness, now - float(due[sent]))
        for n in range(sent, until):
            producer.send(*records[n], n % PARTITIONS, int(due[n] * 1000))
        producer.poll()
        sent = until
        if sent < len(records):
            time.sleep(max(_TICK_S, float(due[sent]) - time.time()))
    producer.flush()
    return lateness


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

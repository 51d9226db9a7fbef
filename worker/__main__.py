"""The worker's command line: `python -m worker --help`."""

import os
import signal
from argparse import ArgumentParser
from typing import NoReturn

from worker.cli.interruption import end_by_signal

_EXAMPLES = """
examples:
  python -m worker topics                        create the topics on localhost:9092
  python -m worker run --artifact models/default label tweets until SIGTERM or Ctrl-C
  python -m worker produce tweets.csv            publish a file of tweets
  python -m worker follow bluesky                publish Bluesky's posts as they come
  python -m worker tail                          print the labels as they arrive
  python -m worker replay                        count the dead letters that can be replayed
  python -m worker health                        query the health of a running worker
"""


def build_parser() -> ArgumentParser:
    """Return the parser with all commands."""
    from worker.cli import app
    from worker.commands import demo, follow, health, produce, replay, run, tail, topics

    description = "Labels a Kafka stream of tweets as disaster or not disaster."
    parser = app.new_parser("python -m worker", description, _EXAMPLES)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (run, produce, follow, tail, topics, replay, health, demo):
        module.add_parser(commands)
    return parser


def main() -> NoReturn:
    """Run the command, and end the process with its exit code.

    The signals are handled before the imports, which take a second: process 1 would not get them.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more would wait in a busy loop: a quarter of the CPU time
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_by_signal)
    parser = build_parser()
    from worker.cli import app

    signal.signal(signal.SIGINT, signal.default_int_handler)
    app.run(parser)


if __name__ == "__main__":
    main()

"""The worker's command line: `python -m worker --help`."""

from argparse import ArgumentParser

from worker.cli import app
from worker.commands import demo, follow, health, produce, replay, run, tail, topics

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
    description = "Labels a Kafka stream of tweets as disaster or not disaster."
    parser = app.new_parser("python -m worker", description, _EXAMPLES)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (run, produce, follow, tail, topics, replay, health, demo):
        module.add_parser(commands)
    return parser


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

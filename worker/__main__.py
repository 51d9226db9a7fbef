"""The worker's command line: `python -m worker --help`."""

from argparse import ArgumentParser

from worker.cli import app
from worker.commands import demo, health, produce, replay, run, tail, topics

_EXAMPLES = """
examples:
  python -m worker topics                        create the topics on localhost:9092
  python -m worker run --artifact models/default label tweets until SIGTERM or Ctrl-C
  python -m worker produce tweets.csv            feed a file
  python -m worker tail                          watch the labels
  python -m worker replay                        what dead letters there are to put back
  python -m worker health                        ask a running worker how it is
"""


def build_parser() -> ArgumentParser:
    """Return the parser with all commands."""
    parser = ArgumentParser(
        prog="python -m worker",
        description="Labels a Kafka stream of tweets as disaster or not disaster.",
        epilog=_EXAMPLES,
        formatter_class=app.HelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (run, produce, tail, topics, replay, health, demo):
        module.add_parser(commands)
    return parser


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

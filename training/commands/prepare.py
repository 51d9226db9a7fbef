"""`prepare`: what the demo asks of training."""

import signal
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.commands.fit import describe, train
from training.commands.options import add_data_flag
from worker.cli import app
from worker.cli.console import new_console
from worker.cli.interruption import Interruption
from worker.errors import ArtifactError

if TYPE_CHECKING:
    from training.data.dataset import Dataset


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "prepare",
        help="train a cascade for the demo and write the tweets it plays",
        description="Makes sure that there is a cascade, and writes the stream of tweets that `python -m worker "
        "demo` plays. You need not call it: the demo does.",
        formatter_class=app.HelpFormatter,
    )
    parser.add_argument("--artifact", type=Path, required=True, metavar="DIR", help="the cascade; trained if missing")
    parser.add_argument("--stream", type=Path, required=True, metavar="FILE", help="where to write the tweets, as JSON")
    parser.add_argument(
        "--refresh", action="store_true",
        help="train also when the cascade that is there is damaged or was trained on other data than is found now",
    )  # fmt: skip
    add_data_flag(parser)
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Train if need be, and write the stream."""
    from training.data.dataset import find_dataset
    from training.demo_stream import write_stream
    from worker.models.artifact import read_manifest

    dataset = find_dataset(arguments.data)
    why = why_train(arguments.artifact, dataset, refresh=arguments.refresh)
    if why:
        new_console(stderr=True).print(why)
        interruption = Interruption()
        with interruption.listening(signal.SIGTERM):
            train(dataset, arguments.artifact, check=interruption.check)
    else:
        new_console(stderr=True).print(f"playing [bold]{describe(dataset)}[/bold]")
    write_stream(dataset, read_manifest(arguments.artifact).data.sha256, arguments.stream)
    return 0


def why_train(folder: Path, dataset: "Dataset", *, refresh: bool) -> str:
    """Return why a cascade must be trained, empty where there is a good one."""
    from schemas import MANIFEST_NAME
    from worker.models.artifact import read_manifest, verify

    if not (folder / MANIFEST_NAME).exists():
        return f"there is no cascade at {folder} yet"
    try:
        manifest = read_manifest(folder)
        verify(folder, manifest)
    except ArtifactError as error:
        if refresh:
            return str(error)
        raise
    other = manifest.data.sha256 != dataset.sha256
    return f"the cascade at {folder} was trained on other data ({manifest.data.name})" if refresh and other else ""

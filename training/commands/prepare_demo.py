"""`prepare`: train the demo's cascade and write its stream."""

import signal
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.describe import describe
from training.commands.fit_cascade import train
from training.commands.flags import add_data_flag
from worker.cli import app
from worker.cli.console import new_console
from worker.cli.interruption import Interruption
from worker.errors import ArtifactError

if TYPE_CHECKING:
    from training.data.dataset import Dataset


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "prepare",
        command,
        help="train a cascade for the demo and write the tweets it plays",
        description="Trains a cascade if there is none, and writes the tweets that the demo (`make demo`) or the "
        "producer of docker-compose.yml plays. Both run this command themselves.",
    )
    parser.add_argument(
        "--artifact", type=Path, required=True, metavar="DIR", help="the cascade's artifact; trained if missing"
    )
    parser.add_argument("--stream", type=Path, metavar="FILE", help="JSON file for the tweets that the demo plays")
    parser.add_argument(
        "--unseen", type=Path, metavar="FILE",
        help=".csv file for the tweets that the cascade was not trained on, to be published with "
        "'python -m worker produce'",
    )  # fmt: skip
    parser.add_argument(
        "--refresh", action="store_true",
        help="train also if the artifact is damaged, or was trained on other data than is found now",
    )  # fmt: skip
    add_data_flag(parser)


def command(arguments: Namespace) -> int:
    """Train if necessary, and write the stream."""
    from training.data.dataset import find_dataset
    from training.demo_stream import write_stream, write_unseen
    from worker.models.artifact import read_manifest

    dataset = find_dataset(*arguments.data)
    reason = reason_to_train(arguments.artifact, dataset, refresh=arguments.refresh)
    if reason:
        new_console(stderr=True).print(reason)
        interruption = Interruption()
        with interruption.listening(signal.SIGTERM):
            train(dataset, arguments.artifact, check=interruption.check)
    else:
        new_console(stderr=True).print(f"playing [bold]{describe(dataset)}[/bold]")
    if arguments.stream:
        write_stream(dataset, read_manifest(arguments.artifact).data.sha256, arguments.stream)
    if arguments.unseen:
        write_unseen(dataset, arguments.unseen)
    return 0


def reason_to_train(folder: Path, dataset: "Dataset", *, refresh: bool) -> str:
    """Return why a cascade must be trained; empty if the artifact can be used.

    Raises:
        ArtifactError: the artifact is damaged, and `refresh` does not allow to replace it.

    """
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
    if refresh and manifest.data.sha256 != dataset.sha256:
        return f"the cascade at {folder} was trained on other data ({manifest.data.name})"
    return ""

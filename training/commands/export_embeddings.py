"""`embeddings`: export a network's word vectors."""

from argparse import Namespace
from pathlib import Path

from worker.cli import app
from worker.errors import DataError, SettingError

_DESCRIPTION = """\
Writes vectors.tsv and metadata.tsv, which https://projector.tensorflow.org loads, and projector_config.pbtxt, with
which TensorBoard finds them (tensorboard --logdir DIR)."""


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands, "embeddings", command, help="write a network's word vectors", description=_DESCRIPTION
    )
    parser.add_argument(
        "--model", type=Path, default=Path("reports/benchmark/models/simple_dense"), metavar="DIR",
        help="artifact of a network with word vectors, made by `benchmark` "
        "(default: reports/benchmark/models/simple_dense)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=Path("embeddings"), metavar="DIR", help="folder for the files (default: embeddings)"
    )


def command(arguments: Namespace) -> int:
    """Verify the artifact, write the files and print the number of words."""
    from training.benchmark.keras_export import export_embeddings
    from worker.models.artifact import read_manifest, verify

    manifest = read_manifest(arguments.model)
    verify(arguments.model, manifest)
    network = manifest.stages[0].files.get("model", "")
    if not network.endswith(".keras"):
        raise DataError(f"{arguments.model} has no word vectors; use a network that has, such as simple_dense")
    try:
        words = export_embeddings(arguments.model / network, arguments.out)
    except OSError as error:
        raise SettingError(f"--out: cannot write into {arguments.out}: {error.strerror}") from error
    print(f"wrote {words:,} words and their vectors into {arguments.out}")
    return 0

"""`embeddings`: what a network learned of words."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from worker.cli import app
from worker.errors import DataError, SettingError

_DESCRIPTION = """\
Writes vectors.tsv and metadata.tsv, which https://projector.tensorflow.org loads, and projector_config.pbtxt, by which
TensorBoard finds them (tensorboard --logdir DIR)."""


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "embeddings", help="write a network's word vectors", description=_DESCRIPTION, formatter_class=app.HelpFormatter
    )
    parser.add_argument(
        "--model", type=Path, default=Path("reports/benchmark/models/simple_dense"), metavar="DIR",
        help="an artefact of a network on words, made by `benchmark` (default: reports/benchmark/models/simple_dense)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=Path("embeddings"), metavar="DIR", help="where to (default: ./embeddings)"
    )
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Verify the artefact, write the files and say what is in them."""
    from training.benchmark.keras_export import export_embeddings
    from worker.models.artifact import read_manifest, verify

    manifest = read_manifest(arguments.model)
    verify(arguments.model, manifest)
    network = manifest.stages[0].files.get("model", "")
    if not network.endswith(".keras"):
        raise DataError(f"{arguments.model} is no network on words; simple_dense, for one, is")
    try:
        words = export_embeddings(arguments.model / network, arguments.out)
    except OSError as error:
        raise SettingError(f"--out: cannot write into {arguments.out}: {error.strerror}") from error
    print(f"wrote {words:,} words and their vectors into {arguments.out}")
    return 0

"""`use`: only the sentence encoder."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from training.commands.options import add_handle_flag
from worker.cli import app
from worker.errors import SettingError


def add_parser(commands: Any) -> None:  # noqa: ANN401 (argparse keeps the type to itself)
    """Declare the command."""
    parser = commands.add_parser(
        "use",
        help="write the Universal Sentence Encoder as a SavedModel",
        description="Writes the Universal Sentence Encoder as a TensorFlow SavedModel that takes strings and gives "
        "512 floats each; tensorflow_hub.load reads it.",
        formatter_class=app.HelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to; must not exist")
    add_handle_flag(parser)
    parser.set_defaults(command=command)


def command(arguments: Namespace) -> int:
    """Write it and say how large it is."""
    from training.encoder.export import export_encoder

    out: Path = arguments.out
    if out.exists():
        raise SettingError(f"{out} exists; choose another place, nothing was written")
    export_encoder(arguments.use_handle, out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"wrote {out}, {size / 1e6:.0f} MB; load it with tensorflow_hub.load({str(out)!r})")
    return 0

"""`use`: export the sentence encoder."""

from argparse import Namespace
from pathlib import Path

from training.commands.flags import add_handle_flag
from worker.cli import app
from worker.errors import SettingError


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "use",
        command,
        help="write the Universal Sentence Encoder as a SavedModel",
        description="Writes the Universal Sentence Encoder as a TensorFlow SavedModel that maps each string to 512 "
        "floats. tensorflow_hub.load reads it.",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to create; must not exist")
    add_handle_flag(parser)


def command(arguments: Namespace) -> int:
    """Write the SavedModel and print its size."""
    from training.encoder.export import PACKED, copy_saved_model
    from training.encoder.saved_model import write_saved_model

    out: Path = arguments.out
    if out.exists():
        raise SettingError(f"{out} exists; choose another folder, nothing was written")
    if arguments.use_handle == PACKED:
        write_saved_model(out)
    else:
        copy_saved_model(arguments.use_handle, out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"wrote {out}, {size / 1e6:.0f} MB; load it with tensorflow_hub.load({str(out)!r})")
    return 0

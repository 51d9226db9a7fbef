"""`python -m deploy.containers COMMAND…`: run a command beside a Docker Engine."""

import argparse
import shutil
import subprocess
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from deploy.containers import namespaces, requirements, system
from worker.cli import app
from worker.errors import SettingError

_DESCRIPTION = """\
Runs a command beside a Docker Engine with Compose: this machine's, if one answers. Otherwise it unpacks Docker of
Debian's packages into a folder and starts it in namespaces of its own, so that nothing else on this machine changes,
with stand-ins of the images that docker-compose.yml pulls: no image registry is needed. That takes root, Java, Maven
and 13 GB of disk. Ports that the containers publish are open in the engine's network, where the command runs.

The exit code is the command's; 2 if there is no engine and none can run here."""
_EPILOG = """
examples:
  python -m deploy.containers docker compose up --build --detach --wait
  python -m deploy.containers bash               look around beside the engine
  python -m deploy.containers --check            say whether an engine is there, or can be"""


def build_parser() -> ArgumentParser:
    """Return the parser of `python -m deploy.containers`."""
    parser = app.new_parser("python -m deploy.containers", _DESCRIPTION, _EPILOG)
    parser.add_argument(
        "--folder", type=Path, metavar="DIR",
        help="keep the engine's system, images and volumes in this folder (default: a temporary one)",
    )  # fmt: skip
    parser.add_argument("--check", action="store_true", help="run nothing; only say which engine there is")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="COMMAND", help="the command and its arguments")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Run the command beside an engine."""
    if not (arguments.arguments or arguments.check):
        raise SettingError("no COMMAND; for example: python -m deploy.containers docker ps")
    if answers():
        return 0 if arguments.check else subprocess.run(arguments.arguments, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="tweet-cascade-containers-", dir="/var/tmp") as temporary:
        folder = (arguments.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        requirements.check(folder)
        return 0 if arguments.check else run(folder, arguments.arguments)


def answers() -> bool:
    """Return whether Docker Engine and Compose answer on this machine."""
    if not shutil.which("docker"):
        return False
    commands = (["docker", "info"], ["docker", "compose", "version"])
    return all(subprocess.run(c, capture_output=True, check=False).returncode == 0 for c in commands)


def run(folder: Path, arguments: list[str]) -> int:
    """Run a command beside an engine of its own in the folder; return its exit code."""
    print(f"Docker is not running here; starting one of Debian's packages in {folder} ...", flush=True)
    root = system.install(folder)
    return subprocess.run(namespaces.inside(root, [str(folder), *arguments]), check=False).returncode


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

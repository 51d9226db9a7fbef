"""`python -m deploy.containers COMMAND…`: run a command beside a Docker Engine."""

import argparse
import shutil
import signal
import subprocess
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from deploy.containers import namespaces, requirements, system
from worker.cli import app
from worker.cli.interruption import Interruption
from worker.errors import SettingError

_DESCRIPTION = """\
Runs a command beside a Docker Engine with Compose: this machine's, if one answers. Otherwise it unpacks Docker of
Debian's packages into a folder and starts it in namespaces of its own, so that nothing else on this machine changes,
with stand-ins of the images that docker-compose.yml pulls: no image registry is needed. That takes root, Java, Maven,
13 GB of disk and 6 GB of memory. Ports that the containers publish are open in the engine's network, where the command
runs. After Ctrl-C or SIGTERM nothing of it runs or stays.

The exit code is the command's; 2 if there is no engine and none can run here."""
_EPILOG = """
examples:
  python -m deploy.containers docker compose up --build --detach --wait
  python -m deploy.containers bash               look around beside the engine
  python -m deploy.containers --check            say whether an engine is there, or can be"""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
        return say("Docker answers") if arguments.check else subprocess.run(arguments.arguments, check=False).returncode
    interruption = Interruption()
    with interruption.listening(*_SIGNALS), temporary_folder() as temporary:
        folder = (arguments.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        requirements.check(folder)
        if arguments.check:
            return say("no Docker answers; one of Debian's packages can run here")
        return run(folder, arguments.arguments, interruption)


def temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder that is removed in the end, on the disk: /tmp may be memory."""
    return tempfile.TemporaryDirectory(prefix="tweet-cascade-containers-", dir="/var/tmp")


def say(found: str) -> int:
    """Print which engine there is; return 0."""
    print(found)
    return 0


def answers() -> bool:
    """Return whether Docker Engine and Compose answer on this machine."""
    if not shutil.which("docker"):
        return False
    commands = (["docker", "info"], ["docker", "compose", "version"])
    return all(subprocess.run(c, capture_output=True, check=False).returncode == 0 for c in commands)


def run(folder: Path, arguments: list[str], interruption: Interruption) -> int:
    """Run a command beside an engine of its own in the folder; return its exit code.

    After a signal nothing of it runs or stays.
    """
    print(f"Docker is not running here; starting one of Debian's packages in {folder} ...", flush=True)
    root = system.install(folder)
    interruption.check()
    process = subprocess.Popen(namespaces.inside(root, [str(folder), *arguments]))
    try:
        while process.poll() is None:
            interruption.sleep(0.2)
    finally:
        namespaces.end(process)
        namespaces.remove_cgroups()
    return process.returncode


if __name__ == "__main__":
    app.leave(app.main(build_parser()))

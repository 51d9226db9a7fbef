"""`python -m deploy.containers.inside FOLDER COMMAND…`: start the engine in these namespaces and run a command."""

import argparse
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from deploy.containers import engine, namespaces, standins
from deploy.kafka import jars
from worker.cli import app
from worker.cli.console import new_console


def build_parser() -> ArgumentParser:
    """Return the parser; `python -m deploy.containers` is what people call."""
    parser = app.new_parser("python -m deploy.containers.inside", "Runs a command beside an engine, in namespaces.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="COMMAND")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Mount, start the engine, build the stand-ins, run the command; return its exit code."""
    folder, root = arguments.folder, arguments.folder / "root"
    namespaces.mount(root, [standins.ROOT, Path(tempfile.gettempdir()), jars.fetch()])
    with engine.running(folder, root) as docker:
        new_console(stderr=True).print("building stand-ins of the images that compose pulls ...")
        standins.build(docker, folder / "base.tar")
        path = f"{docker.bin}:{os.environ['PATH']}"
        return subprocess.run(
            [*docker.enter, *arguments.arguments], env={**os.environ, "PATH": path}, check=False
        ).returncode


if __name__ == "__main__":
    app.leave(app.main(build_parser(), sys.argv[1:]))

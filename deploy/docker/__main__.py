"""`python -m deploy.docker`: pin the packages of the images, with checksums, in requirements/."""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from deploy.docker.locks import LOCKS, PYTHON, ROOT, Lock, cpu_only


def tensorflow() -> str:
    """Return the requirement of TensorFlow in pyproject.toml."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    return next(str(text) for text in extras["tensorflow"] if text.startswith("tensorflow>"))


def sources(lock: Lock, folder: Path) -> list[str]:
    """Return uv's arguments that say what to resolve."""
    arguments = ["pyproject.toml", *(f"--extra={name}" for name in lock.extras)]
    if lock.cpu_only:
        added, replaced = folder / "added.txt", folder / "replaced.txt"
        for path, text in zip((added, replaced), cpu_only(tensorflow()), strict=True):
            path.write_text(text)
        arguments += [str(added), "--override", str(replaced)]
    return arguments


def pin(path: Path, lock: Lock) -> None:
    """Write a list of pinned packages."""
    print(f"{path.relative_to(ROOT)} ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", *sources(lock, Path(folder)), "--quiet", "--upgrade"),
                *("--universal", "--python-version", PYTHON, "--generate-hashes", "--no-annotate"),
                *("--custom-compile-command", "make locks", "--output-file", str(path)),
            ],
            cwd=ROOT,
            check=True,
        )


for path, lock in LOCKS.items():
    pin(path, lock)

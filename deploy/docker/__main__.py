"""`python -m deploy.docker`: pin the packages of the images, with checksums, in requirements/."""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from deploy.docker.locks import CUDA, LOCKS, PYTHON, ROOT, WITHOUT, Lock, cpu_only


def tensorflow() -> str:
    """Return the requirement of TensorFlow in pyproject.toml."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    return next(str(text) for text in extras["tensorflow"] if text.startswith("tensorflow>"))


def sources(lock: Lock, folder: Path) -> list[str]:
    """Return uv's arguments that say what to resolve."""
    arguments, replaced = ["pyproject.toml", *(f"--extra={name}" for name in lock.extras)], folder / "replaced.txt"
    replacements = []
    if lock.tensorflow:
        added = folder / "added.txt"
        text, replacement = cpu_only(tensorflow())
        added.write_text(text)
        arguments.append(str(added))
        replacements.append(replacement)
    if lock.cuda:
        required = folder / "cuda.txt"
        required.write_text("\n".join(tomllib.loads(CUDA.read_text())["project"]["dependencies"]))
        arguments.append(str(required))
        replacements.append(WITHOUT)
    replaced.write_text("\n".join(replacements))
    return [*arguments, "--override", str(replaced)]


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

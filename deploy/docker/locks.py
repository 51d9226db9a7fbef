"""Lists of pinned packages, and what each is resolved from."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PYTHON = "3.13"
_FOLDER = Path(__file__).parent / "requirements"


class Lock(NamedTuple):
    """A list of pinned packages.

    Args:
        extras: of pyproject.toml.
        tensorflow: has it, without CUDA's kernels on x86-64, which is half as large; elsewhere it has none either.
        cuda: ONNX Runtime for CUDA instead of the one for CPUs.

    """

    extras: tuple[str, ...]
    tensorflow: bool = False
    cuda: bool = False


CUDA = ROOT / "deploy/gpu/pyproject.toml"
WITHOUT = 'onnxruntime ; python_version < "3"'
"""Replaces the requirement of ONNX Runtime for CPUs: the one for CUDA installs the same module."""
_WORKER = ("follow", "oauth", "schema-registry")
LOCKS = {
    _FOLDER / "worker-cpu.txt": Lock(_WORKER),
    _FOLDER / "worker-gpu.txt": Lock(_WORKER, cuda=True),
    _FOLDER / "trainer-cpu.txt": Lock((*_WORKER, "training"), tensorflow=True),
    _FOLDER / "trainer-gpu.txt": Lock((*_WORKER, "training"), tensorflow=True, cuda=True),
}


def cpu_only(requirement: str) -> tuple[str, str]:
    """Return the requirement of tensorflow-cpu, and the one that replaces TensorFlow's own.

    >>> cpu_only("tensorflow>=2.21")
    ('tensorflow-cpu>=2.21 ; platform_machine == "x86_64"', 'tensorflow>=2.21 ; platform_machine != "x86_64"')

    """
    versions = requirement.removeprefix("tensorflow")
    return (
        f'tensorflow-cpu{versions} ; platform_machine == "x86_64"',
        f'tensorflow{versions} ; platform_machine != "x86_64"',
    )

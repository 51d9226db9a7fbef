"""Lists of pinned packages, and the extras of pyproject.toml that each includes."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = "3.12"
_FOLDER = Path(__file__).parent / "requirements"
LOCKS = {
    _FOLDER / "worker-cpu.txt": ("schema-registry",),
    _FOLDER / "worker-gpu.txt": ("schema-registry", "gpu"),
    _FOLDER / "trainer-cpu.txt": ("schema-registry", "training"),
    _FOLDER / "trainer-gpu.txt": ("schema-registry", "training", "gpu"),
}

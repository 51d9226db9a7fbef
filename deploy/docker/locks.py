"""Lists of pinned packages, and the extras of pyproject.toml that each includes."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = "3.12"
_FOLDER = Path(__file__).parent / "requirements"
LOCKS = {
    _FOLDER / "worker-cpu.txt": (
        "follow",
        "oauth",
        "schema-registry",
    ),
    _FOLDER / "worker-gpu.txt": ("follow", "oauth", "schema-registry", "gpu"),
    _FOLDER / "trainer-cpu.txt": ("follow", "oauth", "schema-registry", "training"),
    _FOLDER / "trainer-gpu.txt": ("follow", "oauth", "schema-registry", "training", "gpu"),
}
